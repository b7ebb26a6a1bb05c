"""A disk without room is said by `/readyz`, whichever way to write has met it, and until one of
them finds room again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.app import Bot
from bot.inbound.asgi import build_asgi
from flows.drawn import OpenedWindows
from flows.errors import StorageUnavailable, Trouble
from flows.outbox.jobs import Job, JobKind
from flows.ports import RateCost
from flows.vocabulary import ReceivedEvent
from storage import raw_sqlite, sqlite, tables
from storage.cipher import generate_key
from storage.connections import Engine
from storage.engine import write_rows
from storage.leases import Leases, WorkEnd
from storage.oauth_states import SqlOAuthStates
from tests.contract import samples
from tests.contract.samples import NOON, A
from tests.support.given_settings import GivenSettings

Write = Callable[[Bot, str], Awaitable[Any]]  # the second is new each time

BOUND = "PRAGMA max_page_count = 1000"  # 4 MB, of which a new database has a fourth
FILLS_SQLITE = "BEGIN INSERT INTO filling VALUES (zeroblob(10000000)); END"
FILLING = "CREATE TABLE filling (bytes BLOB)"
FILL = """
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE 'no space left on device' USING ERRCODE = 'disk_full'; END $$
"""
INTEGRATION = "one"
WRITTEN = (
    "installations", "integrations", "due", "inbox", "seen_requests", "home_viewers", "rate_gates",
    "observations", "oauth_states",
)  # fmt: skip


async def work(bot: Bot, name: str) -> None:
    async with bot.uow(A) as unit:
        await unit.integrations.add(samples.bare_integration(name))
        await unit.commit()


async def ask_for_work(bot: Bot, name: str) -> None:
    async with bot.uow(A) as unit:
        await unit.enqueue(Job(JobKind.DELIVER, A, name))
        await unit.commit()


def receive(bot: Bot, name: str) -> Awaitable[Any]:
    return bot.uow.accept(A, ReceivedEvent(name, "app_home_opened", A, "U1", NOON))


def request(bot: Bot, name: str) -> Awaitable[Any]:
    return bot.uow.first(A, name)


def open_home(bot: Bot, name: str) -> Awaitable[Any]:
    return bot.uow.saw_home(A, A, name, "drawn", NOON)


def open_window(bot: Bot, name: str) -> Awaitable[Any]:
    return bot.uow.looked([OpenedWindows(A, INTEGRATION, [name])], NOON)


def take_turn(bot: Bot, name: str) -> Awaitable[Any]:
    return bot.gates.take(A, {name: RateCost(1.0)}, 1.0)


def close_gate(bot: Bot, name: str) -> Awaitable[Any]:
    return bot.gates.close(A, name, 1.0)


async def work_off(bot: Bot, name: str) -> None:
    """As a worker does, which is another process here."""
    leases = Leases(bot.engine, bot.real, [JobKind.DELIVER])
    wanted = {JobKind.DELIVER: (datetime.now(UTC), 9)}
    for claimed in await leases.turn([], wanted, name, 60.0):
        await leases.turn([WorkEnd(claimed, claimed.due_at, 0)], {}, name, 60.0)


async def state_once(bot: Bot, name: str) -> None:
    states = SqlOAuthStates(bot.engine, bot.cipher, bot.real)
    assert await states.consume(states.issue(name)) == name


async def write_row(bot: Bot, name: str) -> None:
    gate = {"tenant_id": A, "subject": name, "free_at": NOON}
    await write_rows(bot.engine, sa.insert(tables.rate_gates), gate)


WAYS: dict[str, Write] = {
    each.__name__: each
    for each in (
        work, ask_for_work, receive, request, open_home, open_window, take_turn, close_gate,
        work_off, state_once, write_row,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Served:
    bot: Bot
    http: httpx.AsyncClient

    async def ready(self) -> str:
        return (await self.http.get("/readyz")).text


@pytest.fixture
async def served(
    engine: Engine, database_address: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """As `serve --no-worker` runs it. `engine` is somebody else's."""
    for module, name in ((sqlite, "_PRAGMAS"), (raw_sqlite, "COMMITTING")):
        monkeypatch.setattr(module, name, (*vars(module)[name], BOUND))
    monkeypatch.setattr("bot.inbound.http.READY_FOR", 0.0)
    settings = GivenSettings(
        slack_signing_secret="x" * 32,
        slack_client_id="1.2",
        slack_client_secret="x",
        public_url="https://bot.test",
        slack_api_url="http://127.0.0.1:9/api/",
        database_url=database_address,
        encryption_keys=generate_key().get_secret_value(),
    )
    asgi = build_asgi(settings, worker=False)
    to_app = httpx.ASGITransport(app=asgi)
    async with (
        asgi.router.lifespan_context(asgi),
        httpx.AsyncClient(transport=to_app, base_url="http://bot.test") as http,
    ):
        yield Served(asgi.state.bot, http)


@asynccontextmanager
async def full(engine: Engine) -> AsyncIterator[None]:
    """Meanwhile no table takes a row: there is no room for it."""
    is_sqlite = engine.dialect.name == "sqlite"
    does = FILLS_SQLITE if is_sqlite else "EXECUTE FUNCTION fill()"
    triggers = [(f"{table}_{act}", table, act) for table in WRITTEN for act in ("INSERT", "UPDATE")]
    made = [
        f"CREATE TRIGGER {name} BEFORE {act} ON {table} {does}" for name, table, act in triggers
    ]
    gone = [f"DROP TRIGGER {name}" for name, _, _ in triggers]
    await run(engine, [FILLING if is_sqlite else FILL, *made])
    try:
        yield
    finally:
        await run(engine, gone if is_sqlite else ["DROP FUNCTION fill CASCADE"])


async def run(engine: Engine, texts: Sequence[str]) -> None:
    async with engine.begin() as connection:
        for text in texts:
            await connection.execute(sa.text(text))


@pytest.mark.parametrize("way", WAYS)
async def test_each_way_to_write_says_whether_it_found_room(
    served: Served, engine: Engine, way: str
) -> None:
    bot = served.bot
    await work(bot, INTEGRATION)
    await ask_for_work(bot, "first")
    await WAYS[way](bot, "before")
    assert await served.ready() == "ready"
    async with full(engine):
        with pytest.raises(StorageUnavailable) as met:
            await WAYS[way](bot, "meanwhile")
        assert met.value.trouble is Trouble.FULL
        assert await served.ready() == "database full"
    assert await served.ready() == "database full", "nobody here has found room yet"
    await WAYS[way](bot, "behind")
    assert await served.ready() == "ready"


async def test_whoever_writes_nothing_more_forgets_it_after_a_while(
    served: Served, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.connections.REMEMBERED", 0.0)
    async with full(engine):
        with pytest.raises(StorageUnavailable):
            await work(served.bot, INTEGRATION)
        assert await served.ready() == "ready"
