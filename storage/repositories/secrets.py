"""Repositories of secrets: the vaults, checks that outlived their acknowledgement, and tries."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
import structlog
from pydantic import SecretStr

from flows.checks.limits import DAY, TooSoon, Try, TryLimits, too_soon
from flows.checks.question import CheckKind, PendingCheck
from flows.vocabulary import Actor
from storage import documents, tables
from storage.cipher import LOST, SealBroken
from storage.documents import typed_fields
from storage.transaction import Repository

_log = structlog.get_logger(__name__)

_tries = tables.credential_tries


def check_owner(tenant_id: str, check_id: str) -> str:
    return f"check:{tenant_id}:{check_id}"


class SqlVault(Repository):
    """One sealed secret for each integration, in a column for one purpose."""

    _column: ClassVar[sa.Column[str]]
    _purpose: ClassVar[str]  # a secret is sealed for it, so it must never change

    async def put(self, integration_id: str, secret: SecretStr) -> None:
        values = {
            "tenant_id": self._transaction.tenant_id,
            "integration_id": integration_id,
            self._column.name: self._transaction.cipher.seal(self._owner(integration_id), secret),
        }
        await self._transaction.upsert(self._column.table, values)

    async def get(self, integration_id: str) -> SecretStr | None:
        statement = sa.select(self._column).where(*self._row(integration_id))
        sealed = (await self._transaction.execute(statement)).scalar_one_or_none()
        try:
            return sealed and self._transaction.cipher.open(self._owner(integration_id), sealed)
        except SealBroken:  # lost with its key: it must be entered again
            _log.error("secret_lost", tenant_id=self._transaction.tenant_id, kind=self._purpose)
            return None

    async def delete(self, integration_id: str) -> None:
        own = sa.delete(self._column.table).where(*self._row(integration_id))
        await self._transaction.execute(own)

    def _owner(self, integration_id: str) -> str:
        return f"{self._purpose}:{self._transaction.tenant_id}:{integration_id}"

    def _row(self, integration_id: str) -> tuple[sa.ColumnElement[bool], ...]:
        c = self._column.table.c
        return (
            c.tenant_id == self._transaction.tenant_id,
            c.integration_id == integration_id,
        )


class SqlTokens(SqlVault):
    """The access tokens with which the bot reads Segment."""

    _column, _purpose = tables.vault.c.sealed_token, "vault"


class SqlWriteKeys(SqlVault):
    """The write keys with which Toplyne sends to Segment."""

    _column, _purpose = tables.write_keys.c.sealed_key, "write_key"


class SqlChecks(Repository):
    async def add(self, check: PendingCheck, secret: SecretStr | None) -> None:
        tenant_id = self._transaction.tenant_id
        owner, cipher = check_owner(tenant_id, check.id), self._transaction.cipher
        statement = sa.insert(tables.pending_checks).values(
            tenant_id=tenant_id,
            id=check.id,
            integration_id=check.integration_id,
            kind=check.kind,
            user_id=check.user_id,
            revision=check.revision,
            answers=documents.to_text(documents.TYPED, check.typed),
            expires_at=check.expires_at,
            attempts=check.attempts,
            sealed_secret=None if secret is None else cipher.seal(owner, secret),
        )
        await self._transaction.execute(statement)

    async def get(self, check_id: str) -> tuple[PendingCheck, SecretStr | None] | None:
        statement = sa.select(tables.pending_checks).where(*self._row(check_id))
        row = (await self._transaction.execute(statement)).one_or_none()
        if row is None:
            return None
        if row.sealed_secret is None:
            return _check(row), None
        owner = check_owner(self._transaction.tenant_id, check_id)
        try:
            return _check(row), self._transaction.cipher.open(owner, row.sealed_secret)
        except SealBroken:
            _log.error("secret_lost", tenant_id=self._transaction.tenant_id, kind="check")
            return _check(row), LOST

    async def count_attempt(self, check_id: str) -> None:
        t = tables.pending_checks
        statement = sa.update(t).where(*self._row(check_id)).values(attempts=t.c.attempts + 1)
        await self._transaction.execute(statement)

    async def delete(self, check_id: str) -> bool:
        t = tables.pending_checks
        statement = sa.delete(t).where(*self._row(check_id)).returning(t.c.id)
        return (await self._transaction.execute(statement)).scalar_one_or_none() is not None

    async def delete_of(self, integration_id: str) -> Sequence[PendingCheck]:
        t = tables.pending_checks
        statement = (
            sa.delete(t)
            .where(t.c.tenant_id == self._transaction.tenant_id)
            .where(t.c.integration_id == integration_id)
            .returning(t)
        )
        return [_check(row) for row in await self._transaction.execute(statement)]

    def _row(self, check_id: str) -> tuple[sa.ColumnElement[bool], ...]:
        t = tables.pending_checks
        return t.c.tenant_id == self._transaction.tenant_id, t.c.id == check_id


class SqlTries(Repository):
    """On PostgreSQL the tries of a tenant are counted one after another; SQLite has one writer."""

    async def begin(
        self, who: Actor, integration_id: str, limits: TryLimits, lease: float
    ) -> TooSoon | None:
        await self._transaction.take_turns("tries")
        now = self._transaction.clock.now()
        own = (_tries.c.tenant_id == self._transaction.tenant_id, _tries.c.at > now - DAY)
        statement = sa.select(_tries).where(*own).order_by(_tries.c.sequence)
        tries = [
            Try(row.user_id, row.team_id, row.integration_id, row.at, row.runs_until)
            for row in await self._transaction.execute(statement)
        ]
        if found := too_soon(who, integration_id, tries, limits, now):
            return found
        counted = sa.insert(_tries).values(
            tenant_id=self._transaction.tenant_id,
            team_id=who.team_id,
            integration_id=integration_id,
            user_id=who.user_id,
            at=now,
            runs_until=now + timedelta(seconds=lease),
        )
        await self._transaction.execute(counted)
        return None

    async def end(self, integration_id: str) -> None:
        now = self._transaction.clock.now()
        own = (
            _tries.c.tenant_id == self._transaction.tenant_id,
            _tries.c.integration_id == integration_id,
            _tries.c.runs_until > now,
        )
        await self._transaction.execute(sa.update(_tries).where(*own).values(runs_until=now))


def _check(row: sa.Row[Any]) -> PendingCheck:
    return PendingCheck(
        id=row.id,
        integration_id=row.integration_id,
        kind=CheckKind(row.kind),
        user_id=row.user_id,
        revision=row.revision,
        typed=documents.TYPED.validate_python(typed_fields(json.loads(row.answers))),
        expires_at=row.expires_at,
        attempts=row.attempts,
    )
