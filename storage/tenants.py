"""Which tenant a Slack workspace belongs to, and erasing a tenant: all rows but the tombstones."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from flows.audit import Audited
from flows.outbox.jobs import JobKind
from flows.ports import Clock
from flows.toplyne.model import DeliveryKind, DeliveryState
from storage import tables
from storage.connections import Connection, Engine
from storage.engine import read_rows, translated
from storage.repositories.installations import scopes_of

_installed, _teams, _integrations = tables.installations, tables.teams, tables.integrations
# What stays of a tenant until the app is installed again.
TOMBSTONES = _teams
# The tables with rows of a tenant. Those that point to others come first.
ERASED = tuple(
    table
    for table in reversed(tables.metadata.sorted_tables)
    if "tenant_id" in table.c and table not in (TOMBSTONES, _installed)
)
# These belong to an organisation as a whole and stay when one of its Slack workspaces leaves.
SHARED_TABLES = (
    tables.rate_gates,
    tables.csm_channel,
    tables.csm_trouble,
    tables.digests,
    tables.invitations,
)
_NAMES = ("team_name", "installed_by", "bot_id", "bot_user_id", "account", "invited_by")
_SCRUBBED = {**dict.fromkeys(_NAMES, ""), "scopes": "[]"}
_its_own = _teams.c.tenant_id == _teams.c.team_id
_set_up = sa.exists().where(
    _integrations.c.tenant_id == _teams.c.tenant_id, _integrations.c.team_id == _teams.c.team_id
)
_channel = sa.exists().where(tables.csm_channel.c.tenant_id == _teams.c.tenant_id)
# Who holds something there comes first: a set-up, or at Toplyne, which has none, the CSMs' channel.
_holding = sa.case((_set_up, 0), (_channel, 1), else_=2)
_REACHING = (
    sa.select(_teams.c.tenant_id)
    .where(_teams.c.team_id == sa.bindparam("team"), _teams.c.left_at.is_(None))
    .order_by(_holding, _teams.c.granted_at, _its_own.desc(), _teams.c.tenant_id)
)


class SqlTenants:
    """Implements `flows.ports.Tenants`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock  # the real time

    async def reaching(self, team_id: str) -> Sequence[str]:
        return [
            row.tenant_id for row in await read_rows(self._engine, _REACHING, {"team": team_id})
        ]

    async def of_team(self, team_id: str) -> str | None:
        found = await self.reaching(team_id)
        return found[0] if found else None

    async def answering(self, named: str, team_id: str) -> str | None:
        found = await self.reaching(team_id)
        return found[0] if named in found else None

    async def is_sending(self, tenant_id: str) -> bool:
        with translated(self._engine):
            async with self._engine.begin() as connection:
                gone = await _held(connection, tenant_id)
                return await gone.is_sending(self._clock.now())

    async def erase(self, tenant_id: str, at: datetime) -> bool:
        own = _installed.c.tenant_id == tenant_id
        with translated(self._engine):
            async with self._engine.begin() as connection:
                gone = await _held(connection, tenant_id)
                await gone.erase(at)
                if await gone.is_withdrawing():
                    await connection.execute(sa.update(_installed).where(own).values(_SCRUBBED))
                    return False
                if gone.is_whole:
                    await connection.execute(sa.delete(_installed).where(own))
        return True


def of_teams(
    table: sa.Table, tenant_id: str, teams: sa.Select[str] | Sequence[str]
) -> sa.ColumnElement[bool]:
    """The rows of single Slack workspaces: by their team, else by the set-up they are about."""
    own, i = table.c.tenant_id == tenant_id, _integrations.c
    if "team_id" in table.c:
        return sa.and_(own, table.c.team_id.in_(teams))
    theirs = sa.select(i.id).where(i.tenant_id == tenant_id, i.team_id.in_(teams))
    set_up = table.c.subject if table is tables.due else table.c.integration_id
    return sa.and_(own, set_up.in_(theirs))


async def is_installed(engine: Engine) -> bool:
    """Whether the app is installed anywhere. For those who have one workspace."""
    there = sa.select(_installed.c.tenant_id).where(_installed.c.revoked_at.is_(None)).limit(1)
    return bool(await read_rows(engine, there))


async def has_left(engine: Engine) -> bool:
    """Whether the app was installed somewhere and is no more. For those who have one workspace."""
    left = sa.select(_teams.c.team_id).where(_teams.c.left_at.is_not(None)).limit(1)
    return bool(await read_rows(engine, left)) and not await is_installed(engine)


async def lacking(
    engine: Engine, scopes: Collection[str], own: Collection[str], own_team_id: str
) -> Mapping[str, list[str]]:
    """The scopes that each tenant has not given. `own` are asked for where it reaches
    `own_team_id`.
    """
    reaching = [row.tenant_id for row in await read_rows(engine, _REACHING, {"team": own_team_id})]
    c = _installed.c
    there = sa.select(c.tenant_id, c.scopes).where(c.revoked_at.is_(None))
    found: dict[str, list[str]] = {}
    for tenant_id, text in await read_rows(engine, there.order_by(c.tenant_id)):
        wanted = [*scopes, *(own if tenant_id in reaching else ())]
        given = scopes_of(tenant_id, text)
        if missing := [each for each in wanted if each not in given]:
            found[tenant_id] = missing
    return found


class _Gone:
    """The part of one tenant that has left, in a transaction that holds its installation."""

    def __init__(self, connection: Connection, tenant_id: str, *, is_whole: bool) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self.is_whole = is_whole

    async def is_sending(self, now: datetime) -> bool:
        sending = tables.outbox.c.attempt_until > now
        return await self._any(tables.outbox, sending)

    async def is_withdrawing(self) -> bool:
        return self.is_whole and await self._any(tables.deliveries, _withdrawing())

    async def erase(self, at: datetime) -> None:
        for table in ERASED:
            if not self.is_whole and table in SHARED_TABLES:
                continue
            kept = [~_KEPT[table]()] if table in _KEPT else []
            await self._connection.execute(sa.delete(table).where(self._of(table), *kept))
        erased = sa.update(_teams).where(*self._left()).values(name="", erased_at=at)
        await self._connection.execute(erased)

    def _left(self) -> tuple[sa.ColumnElement[bool], ...]:
        """The Slack workspaces that have left and may still have rows."""
        own = _teams.c.tenant_id == self._tenant_id
        return own, _teams.c.left_at.is_not(None), _teams.c.erased_at.is_(None)

    def _of(self, table: sa.Table) -> sa.ColumnElement[bool]:
        if self.is_whole:
            return table.c.tenant_id == self._tenant_id
        return of_teams(table, self._tenant_id, sa.select(_teams.c.team_id).where(*self._left()))

    async def _any(self, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> bool:
        found = sa.select(sa.exists().where(self._of(table), *conditions))
        return bool((await self._connection.execute(found)).scalar_one())


async def _held(connection: Connection, tenant_id: str) -> _Gone:
    own = _installed.c.tenant_id == tenant_id
    held = sa.select(_installed.c.revoked_at).where(own).with_for_update()
    row = (await connection.execute(held)).one_or_none()
    return _Gone(connection, tenant_id, is_whole=row is not None and row.revoked_at is not None)


def _withdrawing() -> sa.ColumnElement[bool]:
    c = tables.deliveries.c
    return sa.and_(c.kind == DeliveryKind.WITHDRAWN, c.state == DeliveryState.PENDING)


def _working() -> sa.ColumnElement[bool]:
    """The erasing job itself, which its worker ends, and the jobs that send withdrawals."""
    c, d = tables.due.c, tables.deliveries.c
    withdrawals = sa.select(d.id).where(d.tenant_id == c.tenant_id, _withdrawing())
    return sa.or_(
        c.kind == JobKind.ERASE,
        sa.and_(c.kind == JobKind.SEND_TO_TOPLYNE, c.subject.in_(withdrawals)),
    )


def _by_operators() -> sa.ColumnElement[bool]:
    """Entries about an operator's export or erasure, which name nobody at the customer."""
    return tables.audit.c.what.in_([Audited.EXPORTED, Audited.ERASED])


_KEPT = {
    tables.deliveries: _withdrawing,
    tables.due: _working,
    tables.audit: _by_operators,
}
