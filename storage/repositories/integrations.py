"""Integrations, what is derived from them, and their cards in the CSM channel."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from flows.csm.facts import Card
from flows.errors import NotFound, RevisionConflict
from flows.model import Integration, Step, WaitingOn
from flows.outbox.jobs import JobKind
from flows.overview import Milestone, Overview, Standing
from storage import documents, tables
from storage.transaction import Transaction

_t = tables.integrations
_OVERVIEW = [column for column in tables.overview.c if column.name != "tenant_id"]
_tenant = _t.c.tenant_id == sa.bindparam("tenant")
_GET = sa.select(_t.c.facts).where(_tenant, _t.c.id == sa.bindparam("integration"))
_ALL = sa.select(_t.c.facts).where(_tenant).order_by(_t.c.id)
_OF_TEAM = (
    sa.select(_t.c.facts)
    .where(_tenant, _t.c.team_id == sa.bindparam("team"))
    .order_by(_t.c.created_at.desc(), _t.c.id.desc())
    .limit(1)
)


class SqlIntegrations:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, integration_id: str) -> Integration:
        parameters = {"tenant": self._transaction.tenant_id, "integration": integration_id}
        facts = (await self._transaction.execute(_GET, parameters)).scalar_one_or_none()
        if facts is None:
            raise NotFound(integration_id)
        return documents.from_text(documents.INTEGRATION, facts)

    async def all(self) -> Sequence[Integration]:
        found = await self._transaction.execute(_ALL, {"tenant": self._transaction.tenant_id})
        return [documents.from_text(documents.INTEGRATION, facts) for facts in found.scalars()]

    async def of_team(self, team_id: str) -> Integration | None:
        parameters = {"tenant": self._transaction.tenant_id, "team": team_id}
        facts = (await self._transaction.execute(_OF_TEAM, parameters)).scalar_one_or_none()
        return None if facts is None else documents.from_text(documents.INTEGRATION, facts)

    async def add(self, integration: Integration) -> None:
        self._check_tenant(integration)
        values = {
            "tenant_id": integration.tenant_id,
            "id": integration.id,
            "created_at": integration.created.at,
            **_changing(integration),
        }
        if await self._transaction.insert_new(_t, values, _t.c.id) is None:
            raise RevisionConflict(integration.id)

    async def save(self, integration: Integration) -> Integration:
        self._check_tenant(integration)
        saved = replace(integration, revision=integration.revision + 1)
        statement = (
            sa.update(_t)
            .where(
                _t.c.tenant_id == integration.tenant_id,
                _t.c.id == integration.id,
                _t.c.revision == integration.revision,
            )
            .values(**_changing(saved))
        )
        if not (await self._transaction.execute(statement)).rowcount:
            await self.get(integration.id)  # raises `NotFound` if it is gone altogether
            raise RevisionConflict(integration.id)
        return saved

    def _check_tenant(self, integration: Integration) -> None:
        if integration.tenant_id != self._transaction.tenant_id:
            raise ValueError("this integration belongs to another tenant")


def _changing(integration: Integration) -> dict[str, object]:
    return {
        "team_id": integration.team_id,
        "revision": integration.revision,
        "facts": documents.to_text(documents.INTEGRATION, integration),
        "updated_at": datetime.now(UTC),
    }


class SqlOverviews:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(self, overview: Overview) -> None:
        values = {"tenant_id": self._transaction.tenant_id, **asdict(overview)}
        await self._transaction.upsert(tables.overview, values)
        for kind, at in (
            (JobKind.POLL, overview.next_poll_at),
            (JobKind.REMIND, overview.next_reminder_at),
            (JobKind.CALL, overview.next_call_at),
        ):
            self._transaction.plan(kind, overview.integration_id, at)

    async def plan_poll(self, integration_id: str, at: datetime | None) -> None:
        t = tables.overview
        own = (t.c.tenant_id == self._transaction.tenant_id, t.c.integration_id == integration_id)
        await self._transaction.execute(sa.update(t).where(*own).values(next_poll_at=at))
        self._transaction.plan(JobKind.POLL, integration_id, at)

    async def get(self, integration_id: str) -> Overview | None:
        t = tables.overview
        statement = sa.select(t).where(
            t.c.tenant_id == self._transaction.tenant_id, t.c.integration_id == integration_id
        )
        row = (await self._transaction.execute(statement)).one_or_none()
        if row is None:
            return None
        return overview_of(row)


def overview_of(row: sa.Row[Any]) -> Overview:
    """From a row with all columns of the table."""
    values = {column.name: getattr(row, column.name) for column in _OVERVIEW}
    values["step"] = Step(row.step)
    values["waiting_on"] = None if row.waiting_on is None else WaitingOn(row.waiting_on)
    values["standing"], values["milestone"] = Standing(row.standing), Milestone(row.milestone)
    return Overview(**values)


class SqlCards:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, integration_id: str) -> Card | None:
        t = tables.cards
        statement = sa.select(t.c.integration_id, t.c.channel_id, t.c.ts).where(
            t.c.tenant_id == self._transaction.tenant_id, t.c.integration_id == integration_id
        )
        row = (await self._transaction.execute(statement)).one_or_none()
        return None if row is None else Card(row.integration_id, row.channel_id, row.ts)

    async def put(self, card: Card) -> None:
        values = {"tenant_id": self._transaction.tenant_id, **asdict(card)}
        await self._transaction.upsert(tables.cards, values)
