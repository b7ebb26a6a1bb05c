"""Messages to deliver under faults, and how many of them reach Slack."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from bot.clock import SystemClock
from flows.outbox.bodies import Hint
from flows.outbox.messages import Message
from flows.ports import UnitOfWorkFactory
from playground.sample import ACME
from playground.slack.model import User
from storage import tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import close_engine, make_engine
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.faults.figures import Figures
from tests.support.world import World, soon

PATIENCE = 360.0  # seconds; a bound for a busy machine


@dataclass
class Post:
    """Puts intents into the outbox, as use cases do."""

    world: World
    uow: UnitOfWorkFactory
    engine: Engine
    expected: dict[str, list[str]] = field(default_factory=dict)  # keys by person, in order
    started: float = field(default_factory=time.monotonic)

    async def give(self, people: int, each: int) -> None:
        """Gives `each` messages to each of this many people at Acme. Adds missing people."""
        integration_id = await self._integration_id()
        self.started = time.monotonic()
        for number in range(people):
            user_id = f"U0CROWD{number:04}"
            if user_id not in self.world.slack.users:
                self.world.slack.add(User(user_id, ACME.id, f"crowd{number}", f"Crowd {number}"))
            keys = [f"message_hint:{user_id}:{turn}" for turn in range(each)]
            async with self.uow(ACME.id) as work:
                for key in keys:
                    await work.outbox.add(Message(Hint(), f"user:{user_id}", key, integration_id))
                await work.commit()
            self.expected[user_id] = keys

    async def _integration_id(self) -> str:
        async with self.uow(ACME.id, write=False) as work:
            integration = await work.integrations.of_team(ACME.id)
        assert integration is not None
        return integration.id

    async def delivered(self, patience: float = PATIENCE) -> Figures:
        """Waits until nothing is pending, and compares with what Slack has."""
        await soon(self._nothing_waits, patience)
        return self.figures()

    async def _nothing_waits(self) -> bool:
        return await self.count("pending") == 0

    async def count(self, state: str) -> int:
        t = tables.outbox
        statement = sa.select(sa.func.count()).where(t.c.state == state)
        async with self.engine.connect() as connection:
            return int(await connection.scalar(statement) or 0)

    def figures(self) -> Figures:
        wanted = {key for keys in self.expected.values() for key in keys}
        there = Counter(key for key in self._keys() if key in wanted)
        calls = [e for e in self.world.slack.traffic if e.name == "chat.postMessage"]
        tries = sum(any(key.encode() in e.request for key in wanted) for e in calls)
        return Figures(
            sent=len(there),
            lost=len(wanted) - len(there),
            repeated=sum(there.values()) - len(there),
            retries=tries - len(there),
            searches=sum(e.name == "conversations.history" for e in self.world.slack.traffic),
            seconds=time.monotonic() - self.started,
            in_order=all(self._of(user) == keys for user, keys in self.expected.items()),
        )

    def _keys(self, user_id: str = "") -> Sequence[str]:
        state = self.world.slack.core.state
        found = [m for m in state.messages if m.metadata]
        if user_id:
            found = [m for m in found if state.channels[m.channel].user == user_id]
        return [m.metadata["event_payload"]["key"] for m in found]

    def _of(self, user_id: str) -> list[str]:
        return list(dict.fromkeys(self._keys(user_id)))


@asynccontextmanager
async def post_in(world: World) -> AsyncIterator[Post]:
    settings = world.bot_settings()
    engine = make_engine(world.database_url)
    cipher = Cipher(settings.encryption_keys)
    try:
        yield Post(world, SqlUnitOfWorkFactory(engine, cipher, SystemClock()), engine)
    finally:
        await close_engine(engine)
