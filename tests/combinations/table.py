"""One column of a table of presses: a state, to which the database returns after each press."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from io import StringIO

from tests.combinations.laws import Outcome, screen, stored
from tests.combinations.presses import Drawn, Press
from tests.combinations.standings import Standing
from tests.support.world import World

BEHIND = 120.0  # seconds; only something broken takes longer


class Table:
    """`drawn` is what the windows and messages were drawn from, `put_back` restores the state."""

    def __init__(
        self,
        made: World,
        standing: Standing,
        drawn: Drawn,
        database: sqlite3.Connection,
        log: StringIO,
        put_back: Callable[[sqlite3.Connection], Awaitable[None]],
    ) -> None:
        self._world = made
        self._standing = standing
        self._drawn = drawn
        self._database = database
        self._log = log
        self._put_back = put_back

    async def press(self, press: Press, *, twice: bool = False) -> Outcome:
        """`twice`: a colleague presses the same a moment before."""
        with messages_forgotten(self._world):
            return await self._press(press, twice)

    async def _press(self, press: Press, twice: bool) -> Outcome:
        start = self._version()
        if twice:
            colleague = self._world.person("tom" if press.by_csm else "grace")
            await press.make(self._world, self._drawn, lambda: None, colleague)
        before = stored(self._database)
        person = self._world.person("mira" if press.by_csm else "ada")
        await windows_remembered(self._world)  # of the press before
        version, written = self._version(), len(self._log.getvalue())
        seen = None

        def remember() -> None:
            nonlocal seen
            seen = screen(self._world, person)

        await press.make(self._world, self._drawn, remember)
        assert seen is not None
        await windows_remembered(self._world)
        changed = self._version() != version
        outcome = Outcome(
            press,
            self._standing,
            (before, seen),
            (stored(self._database), screen(self._world, person)),
            changed,
            _errors(self._log.getvalue()[written:]),
            [f"{each.where}: {each.error} {each.detail}" for each in self._world.slack.breaches],
        )
        self._world.slack.breaches.clear()
        if self._version() != start:
            await self._put_back(self._database)
        return outcome

    def _version(self) -> int:
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])


@contextmanager
def messages_forgotten(made: World) -> Iterator[None]:
    """Those that a press leaves behind, else each press would read those of all before."""
    messages = made.slack.core.state.messages
    told = len(messages)
    yield
    del messages[told:]


async def windows_remembered(made: World) -> None:
    """That happens behind the answer, and must not look like the work of the next press."""
    bot = getattr(made.asgi.state, "bot", None)
    if bot and (behind := tuple(bot.filling._behind)):
        bot.filling._leaving.set()  # so that it does not pause
        await asyncio.wait(behind, timeout=BEHIND)
        bot.filling._leaving.clear()


def drawn_at(database: sqlite3.Connection, age: int = 0) -> Drawn:
    """What is drawn from the database as it is, or was drawn some revisions ago."""
    facts = stored(database).facts
    return Drawn(int(facts.get("generation", 0)), int(facts.get("revision", 0)) - age)


def _errors(lines: str) -> list[str]:
    return [
        line for line in lines.splitlines() if '"level": "error"' in line or "Traceback" in line
    ]
