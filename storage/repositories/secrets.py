"""Repositories of secrets: the vaults, checks that outlived their acknowledgement, and tries."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar

import sqlalchemy as sa
from pydantic import SecretStr

from flows.checks.limits import DAY, TooSoon, Try, TryLimits, too_soon
from flows.checks.question import CheckKind, PendingCheck
from flows.vocabulary import Actor
from storage import documents, tables
from storage.clauses import of_integration, of_tenant
from storage.column_types import Instant
from storage.documents import typed_fields
from storage.transaction import Repository
from storage.unreadable import Reading, readable

_c = tables.pending_checks
_own_checks = of_tenant(_c)
_check_row = sa.and_(_own_checks, _c.c.id == sa.bindparam("check"))
_ADD_CHECK = sa.insert(_c)
_GET_CHECK = sa.select(_c).where(_check_row)
_COUNT_ATTEMPT = sa.update(_c).where(_check_row).values(attempts=_c.c.attempts + 1)
_DELETE_CHECK = sa.delete(_c).where(_check_row).returning(_c.c.id)
_DELETE_CHECKS = sa.delete(_c).where(of_integration(_c)).returning(_c)
_t = tables.credential_tries
_TRIES = (
    sa.select(_t)
    .where(of_tenant(_t), _t.c.at > sa.bindparam("since", type_=Instant))
    .order_by(_t.c.sequence)
)
_COUNT_TRY = sa.insert(_t)
_END_TRIES = (
    sa.update(_t)
    .where(
        of_integration(_t),
        _t.c.runs_until > sa.bindparam("now", type_=Instant),
    )
    .values(runs_until=sa.bindparam("now", type_=Instant))
)


def check_owner(tenant_id: str, check_id: str) -> str:
    return f"check:{tenant_id}:{check_id}"


@cache
def _secret(column: sa.Column[str]) -> sa.Select[str]:
    return sa.select(column).where(of_integration(column.table))


@cache
def _forget_secret(table: sa.Table) -> sa.Delete:
    return sa.delete(table).where(of_integration(table))


class SqlVault(Repository):
    """One sealed secret for each integration, in a column for one purpose."""

    _column: ClassVar[sa.Column[str]]
    _purpose: ClassVar[str]  # a secret is sealed for it, so it must never change

    async def put(self, integration_id: str, secret: SecretStr) -> None:
        values = {
            **self._ids(integration_id),
            self._column.name: self._transaction.cipher.seal(self._owner(integration_id), secret),
        }
        await self._transaction.upsert(self._column.table, values)

    async def get(self, integration_id: str) -> SecretStr | None:
        found = await self._transaction.execute(_secret(self._column), self._of(integration_id))
        sealed = found.scalar_one_or_none()
        if sealed is None:
            return None
        return self._unsealed(self._purpose, self._owner(integration_id), sealed)

    async def delete(self, integration_id: str) -> None:
        own = _forget_secret(self._column.table)
        await self._transaction.execute(own, self._of(integration_id))

    def _owner(self, integration_id: str) -> str:
        return f"{self._purpose}:{self._transaction.tenant_id}:{integration_id}"


class SqlTokens(SqlVault):
    """The access tokens with which the bot reads Segment."""

    _column, _purpose = tables.vault.c.sealed_token, "vault"


class SqlWriteKeys(SqlVault):
    """The write keys with which Toplyne sends to Segment."""

    _column, _purpose = tables.write_keys.c.sealed_key, "write_key"


class SqlChecks(Repository):
    async def add(self, check: PendingCheck, secret: SecretStr | None) -> None:
        cipher = self._transaction.cipher
        owner = check_owner(self._transaction.tenant_id, check.id)
        values = {
            **self._ids(check.integration_id),
            "id": check.id,
            "kind": check.kind,
            "user_id": check.user_id,
            "revision": check.revision,
            "answers": documents.to_text(documents.TYPED, check.typed),
            "expires_at": check.expires_at,
            "attempts": check.attempts,
            "sealed_secret": None if secret is None else cipher.seal(owner, secret),
        }
        await self._transaction.execute(_ADD_CHECK, values)

    async def get(self, check_id: str) -> tuple[PendingCheck, SecretStr | None] | None:
        row = (await self._transaction.execute(_GET_CHECK, self._its(check_id))).one_or_none()
        if row is None:
            return None
        if row.sealed_secret is None:
            return _check(row), None
        owner = check_owner(self._transaction.tenant_id, check_id)
        return _check(row), self._unsealed_or_lost("check", owner, row.sealed_secret)

    async def count_attempt(self, check_id: str) -> None:
        await self._transaction.execute(_COUNT_ATTEMPT, self._its(check_id))

    async def delete(self, check_id: str) -> bool:
        deleted = await self._transaction.execute(_DELETE_CHECK, self._its(check_id))
        return deleted.scalar_one_or_none() is not None

    async def delete_of(self, integration_id: str) -> Sequence[PendingCheck]:
        deleted = await self._transaction.execute(_DELETE_CHECKS, self._of(integration_id))
        return readable(deleted, _check)

    def _its(self, check_id: str) -> dict[str, str]:
        return {**self._tenant, "check": check_id}


class SqlTries(Repository):
    """On PostgreSQL the tries of a tenant are counted one after another; SQLite has one writer."""

    async def begin(
        self, who: Actor, integration_id: str, limits: TryLimits, lease: float
    ) -> TooSoon | None:
        await self._transaction.take_turns("tries")
        now = self._transaction.clock.now()
        lately = {**self._tenant, "since": now - DAY}
        tries = [
            Try(row.user_id, row.team_id, row.integration_id, row.at, row.runs_until)
            for row in await self._transaction.execute(_TRIES, lately)
        ]
        if found := too_soon(who, integration_id, tries, limits, now):
            return found
        values = {
            **self._ids(integration_id),
            "team_id": who.team_id,
            "user_id": who.user_id,
            "at": now,
            "runs_until": now + timedelta(seconds=lease),
        }
        await self._transaction.execute(_COUNT_TRY, values)
        return None

    async def end(self, integration_id: str) -> None:
        running = {**self._of(integration_id), "now": self._transaction.clock.now()}
        await self._transaction.execute(_END_TRIES, running)


def _check(row: sa.Row[Any]) -> PendingCheck:
    with Reading(_c, tenant_id=row.tenant_id, check_id=row.id, kind=row.kind):
        kind = CheckKind(row.kind)
        typed = documents.TYPED.validate_python(typed_fields(json.loads(row.answers)))
    return PendingCheck(
        id=row.id,
        integration_id=row.integration_id,
        kind=kind,
        user_id=row.user_id,
        revision=row.revision,
        typed=typed,
        expires_at=row.expires_at,
        attempts=row.attempts,
    )
