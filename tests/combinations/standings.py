"""Where a customer can stand: one long walk, with a copy of the database at each stop."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from playground.sample import ACME
from playground.slack.person import Person
from tests.scenario.database import all_sent
from tests.scenario.story import (
    PLAN,
    SOURCES,
    TOKEN,
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    press_plan,
    see,
    source_id,
    token,
)
from tests.support.world import World, soon

INTEGRATION = f"int_{ACME.id}"


class Standing(StrEnum):
    UNKNOWN = "nobody has heard of them"
    INSTALLED = "installed, nothing begun"
    PLAN = "plan to be chosen"
    CREDENTIALS = "token to be entered"
    SOURCES = "sources to be chosen"
    WAITING = "live sync: waiting"
    ARRIVING = "live sync: arriving"
    BROKEN = "live sync: broken"
    PREPARED = "history: prepared"
    SENT = "history: sent"
    PROMISED = "history: the promised day has come"
    RUNNING = "history: running"
    FINISHED = "finished with history"
    FORGOTTEN = "finished, token deleted"
    DISCONNECTED = "disconnected"
    UPGRADE = "Team: upgrade or finish"
    LIVE_ONLY = "finished with live data only"
    UNCONFIRMED = "Free: a CSM must confirm"
    UNINSTALLED = "uninstalled"


NOTHING_BEGUN = (Standing.UNKNOWN, Standing.INSTALLED)
# Standings of one kind offer nearly the same, under the same laws.
KINDS: dict[str, Sequence[Standing]] = {
    "nothing begun": NOTHING_BEGUN,
    "steps to be done": (
        Standing.PLAN,
        Standing.CREDENTIALS,
        Standing.SOURCES,
        Standing.UPGRADE,
        Standing.UNCONFIRMED,
    ),
    "live sync": (Standing.WAITING, Standing.ARRIVING, Standing.BROKEN),
    "history": (Standing.PREPARED, Standing.SENT, Standing.PROMISED, Standing.RUNNING),
    "finished": (Standing.FINISHED, Standing.FORGOTTEN, Standing.LIVE_ONLY),
    "disconnected": (Standing.DISCONNECTED,),
    "uninstalled": (Standing.UNINSTALLED,),
}


class Copies:
    """The database of each standing, and the way back to it while the bot runs."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder

    async def keep(self, standing: Standing) -> None:
        await all_sent(self._world)
        with closing(self.open()) as live, closing(self._of(standing)) as copy:
            await backup(live, copy)

    async def put_back(self, standing: Standing, live: sqlite3.Connection) -> None:
        with closing(self._of(standing)) as copy:
            await backup(copy, live)

    def keep_without_customer(self) -> None:
        """A workspace whose app was configured but not installed: it got no welcome."""
        with (
            closing(self._of(Standing.INSTALLED)) as copy,
            closing(self._of(Standing.UNKNOWN)) as other,
        ):
            copy.backup(other)
            for table in ("integrations", "overview", "history", "outbox"):
                other.execute(f"DELETE FROM {table} WHERE tenant_id = ?", (ACME.id,))
            other.commit()

    def open(self) -> sqlite3.Connection:
        """The database that the bot uses."""
        path = self._world.database_file
        live = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        live.execute("PRAGMA synchronous = OFF")
        return live

    def _of(self, standing: Standing) -> sqlite3.Connection:
        return sqlite3.connect(self._folder / f"{standing.name}.db", check_same_thread=False)


async def backup(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Waits for locks in a thread of its own: the bot in this one has to let go of them."""
    async with asyncio.timeout(60):
        await asyncio.to_thread(source.backup, target)


async def walk_to(world: World, copies: Copies, wanted: Standing) -> None:
    """Walks until this standing, on the way to the end, and keeps that alone."""
    ada = world.person("ada")
    await world.install()
    for stretch in (_to_live_sync, _to_the_end):
        async for standing in stretch(world, ada):
            if standing is wanted:
                await copies.keep(standing)
                return
    raise LookupError(wanted)


async def walk(world: World, copies: Copies) -> None:
    """Walks to every standing, in an order in which each starts where the last one ended."""
    ada = world.person("ada")
    await world.install()
    for stretch in (_to_live_sync, _to_the_end, _without_history, _without_credentials):
        async for standing in stretch(world, ada):
            await copies.keep(standing)
    copies.keep_without_customer()
    installation = world.slack.installations[ACME.id]
    event = {"type": "app_uninstalled"}
    # Slack still delivers presses: the bot may have heard of the removal before they happened.
    world.slack.events.emit(installation, "app_uninstalled", event, ACME.id)
    has_left = "SELECT 1 FROM teams WHERE team_id = ? AND left_at IS NOT NULL"
    await soon(lambda: _rows(copies, has_left, ACME.id))
    await copies.keep(Standing.UNINSTALLED)


def _rows(copies: Copies, statement: str, *values: str) -> list[object]:
    with closing(copies.open()) as live:
        return live.execute(statement, values).fetchall()


async def _to_live_sync(world: World, ada: Person) -> AsyncIterator[Standing]:
    yield Standing.INSTALLED
    await ada.command("/segment")
    await see(ada, PLAN)
    yield Standing.PLAN
    await press_plan(ada, "Business")
    await see(ada, TOKEN)
    yield Standing.CREDENTIALS
    await enter_token(ada, token(world, "acme"))
    await see(ada, SOURCES)
    yield Standing.SOURCES
    await choose_sources(ada, "Web app")
    await see(ada, "no Toplyne destination")
    yield Standing.WAITING
    let_data_arrive(world, "acme", "Web app")
    await minutes_pass(world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    yield Standing.ARRIVING
    web = source_id(world, "acme", "Web app")
    world.segment.set_destination_enabled(web, False)
    await ada.click("Check again")
    await see(ada, "switched off")
    yield Standing.BROKEN
    world.segment.set_destination_enabled(web, True)
    await ada.click("Check again")
    await see(ada, "events delivered")


async def to_request(world: World, ada: Person) -> None:
    """From nothing to a Replay request that is not sent yet: the second, as views are drawn."""
    async for _ in _to_live_sync(world, ada):
        pass
    await anext(_to_the_end(world, ada))
    await ada.click("Change the request")
    await see(ada, "For how long does your Segment workspace keep events?")
    await ada.submit()
    await ada.submit()
    await see(ada, "Request, version 2")
    await ada.close(everything=True)


async def _to_the_end(world: World, ada: Person) -> AsyncIterator[Standing]:
    await ada.submit()
    await ada.submit()
    await see(ada, "I’ve sent it to Segment")
    yield Standing.PREPARED
    await ada.click("I’ve sent it to Segment")
    await see(ada, "It’s running")
    yield Standing.SENT
    await promised_day_comes(world, ada)
    yield Standing.PROMISED
    await ada.click("It’s running")
    await see(ada, "Segment is running the Replay")
    yield Standing.RUNNING
    await ada.click("It’s finished")
    await see(ada, "Shall I keep watching")
    yield Standing.FINISHED
    await ada.click("Delete the token now")
    await see(ada, "I watch nothing")
    await ada.submit()
    await see(ada, "Nothing is watched any more")
    yield Standing.FORGOTTEN
    await disconnect(ada)
    yield Standing.DISCONNECTED


async def promised_day_comes(world: World, ada: Person) -> None:
    """Segment names a day, and on it nobody has said that the Replay runs."""
    now = datetime.fromtimestamp(world.playground.clock.now(), UTC)
    await ada.click("It’s scheduled")
    ada.fill("The day on which they run it", (now + timedelta(days=1)).date().isoformat())
    await ada.submit()
    await see(ada, "Scheduled for")
    await minutes_pass(world, 2 * 24 * 60)


async def _without_history(world: World, ada: Person) -> AsyncIterator[Standing]:
    await choose_plan(ada, "Team")
    await enter_token(ada, token(world, "beacon"))
    await see(ada, SOURCES)
    await choose_sources(ada, "App")
    let_data_arrive(world, "beacon", "App")
    await minutes_pass(world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    await ada.submit()
    await see(ada, "Finish with live data only")
    yield Standing.UPGRADE
    await ada.click("Finish with live data only")
    await see(ada, "with live data only")
    yield Standing.LIVE_ONLY
    await disconnect(ada)


async def _without_credentials(world: World, ada: Person) -> AsyncIterator[Standing]:
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    await ada.click("I cannot create a token")
    await see(ada, "confirms")
    yield Standing.UNCONFIRMED


async def disconnect(ada: Person) -> None:
    if ada.modals:
        await ada.close(everything=True)
    await ada.command("/segment disconnect")
    await see(ada, "from this app?")
    await ada.submit()
    await see(ada, "Done: no access token")
    await ada.close(everything=True)
