"""Many set-ups that wait for somebody, each with a reminder that becomes due, and who got it."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from pydantic import SecretStr
from starlette.responses import Response

from bot.clock import SystemClock
from bot.settings import Settings
from flows.errors import StorageUnavailable
from flows.installed import Installation
from flows.model import Integration, Observed, Situation
from flows.ports import Unguarded, UnitOfWork, UnitOfWorkFactory
from flows.projection import project
from flows.vocabulary import Stamp
from playground.slack.model import Team, User
from storage import tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import close_engine, make_engine, reading, translated
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.faults.figures import Figures
from tests.faults.size import sized
from tests.support.world import World, world

PATIENCE = sized(3000, 240)  # seconds; a bound for a busy machine
LOOK_EVERY = 0.25  # seconds
TENANTS = 40  # enough that Slack's limits for one workspace hold up nobody
FIRST_AFTER = timedelta(days=1)  # from the beginning of a set-up to its first reminder


@dataclass
class Reminders:
    """In many workspaces, people began a day ago and nobody has chosen a plan."""

    world: World
    uow: UnitOfWorkFactory
    engine: Engine
    settings: Settings
    expected: dict[str, str] = field(default_factory=dict)  # integration → person
    started: float = field(default_factory=time.monotonic)

    async def plant(self, count: int, within: float) -> None:
        """Plants this many, which become due one after the other within this many seconds."""
        now = datetime.now(UTC)
        due = [now + timedelta(seconds=within * number / count) for number in range(count)]
        for number in range(min(TENANTS, count)):
            await self._plant_tenant(f"T0CROWD{number:03}", due[number::TENANTS])
        self.started = time.monotonic()

    async def _plant_tenant(self, team_id: str, due: Sequence[datetime]) -> None:
        people = [f"U{team_id[1:]}{number:04}" for number in range(len(due))]
        slack = self.world.slack
        slack.add(Team(team_id, team_id, team_id.lower()))
        slack.add(*(User(person, team_id, person.lower(), person) for person in people))
        async with self.uow(team_id, unguarded=Unguarded.INSTALLING) as work:
            await self._install(work, team_id, people[0])
            for person, at in zip(people, due, strict=True):
                begun = Stamp(person, at - FIRST_AFTER)
                await self._begin(work, Integration(f"of-{person}", team_id, team_id, begun))
            await work.commit()

    async def _install(self, work: UnitOfWork, team_id: str, installer: str) -> None:
        made = self.world.slack.seed_installation(team_id, installer)
        installation = Installation(
            tenant_id=team_id,
            team_id=team_id,
            enterprise_id="",
            is_enterprise_install=False,
            team_name=team_id,
            app_id=self.world.slack.core.config.app_id,
            bot_id=made.bot_id,
            bot_user_id=made.bot_user_id,
            scopes=tuple(made.scopes),
            installed=Stamp(installer, datetime.now(UTC) - FIRST_AFTER),
        )
        await work.installations.put(installation, SecretStr(made.token))

    async def _begin(self, work: UnitOfWork, integration: Integration) -> None:
        await work.integrations.add(integration)
        situation = Situation(integration, Observed(), datetime.now(UTC))
        await work.overviews.put(project(situation, self.settings.poll_interval))
        self.expected[integration.id] = integration.created.by

    async def given(self, kills: int = 0) -> Figures:
        """Waits until nothing is due, waits or runs. Then compares with what Slack has."""
        async with asyncio.timeout(PATIENCE):
            while await self.is_busy():  # noqa: ASYNC110 - other processes tell no event
                await asyncio.sleep(LOOK_EVERY)
        return self.figures(kills)

    async def is_busy(self) -> bool:
        """Also true if the database does not answer."""
        o, m, d = tables.overview, tables.outbox, tables.due
        looks = (
            sa.select(o.c.tenant_id).where(o.c.next_reminder_at < datetime.now(UTC) + FIRST_AFTER),
            sa.select(m.c.tenant_id).where(m.c.state == "pending", m.c.kind == "reminder"),
            sa.select(d.c.tenant_id).where(d.c.due_at < datetime.now(UTC)),
        )
        try:
            with translated(self.engine):
                async with reading(self.engine).connect() as connection:
                    found = [(await connection.execute(look)).first() for look in looks]
        except StorageUnavailable:
            return True
        return any(found)

    def figures(self, kills: int = 0) -> Figures:
        there = Counter(self._received())
        calls = Counter(exchange.name for exchange in self.world.slack.traffic)
        return Figures(
            sent=len(there),
            lost=len(self.expected) - len(there),
            repeated=there.total() - len(there),
            retries=calls["chat.postMessage"] - there.total(),
            searches=calls["conversations.history"],
            kills=kills,
            seconds=time.monotonic() - self.started,
        )

    def _received(self) -> list[str]:
        """Integrations, one entry for each reminder that reached the right person."""
        state, found = self.world.slack.core.state, []
        for message in state.messages:
            kind, _, rest = message.metadata["event_payload"]["key"].partition(":")
            integration_id = rest.partition(":")[0]
            person = state.channels[message.channel].user
            if kind == "reminder" and self.expected.get(integration_id) == person:
                found.append(integration_id)
        return found


@asynccontextmanager
async def reminders_in(database_url: str) -> AsyncIterator[Reminders]:
    """A world for reminders: people get them at any hour, and there is no CSM channel."""
    async with world(database_url, csm_channel_id=None, reminder_hours="always") as made:
        made.serve_with(Response())  # events about the messages; nothing else comes
        settings = made.bot_settings()
        engine = make_engine(database_url)
        cipher = Cipher(settings.encryption_keys)
        uow = SqlUnitOfWorkFactory(engine, cipher, SystemClock())
        try:
            yield Reminders(made, uow, engine, settings)
            made.slack.breach_free()
        finally:
            await close_engine(engine)
