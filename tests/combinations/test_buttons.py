"""Every button of every message and view, in every standing of a customer.

The walk to the standings is made once. Then each button is pressed in each of them, through Bolt
and against the strict Slack. `laws` says what must hold. A failure names button and standing.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import pytest_asyncio

from bot.settings import LogLevel
from tests.combinations.laws import Outcome, faults, screen, stored
from tests.combinations.presses import Press, all_ids, every_press, ids_pressed
from tests.combinations.standings import Copies, Standing, walk
from tests.scenario.logged import logged
from tests.support.template import sqlite_url
from tests.support.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")
PRESSES = every_press()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[World, Copies]]:
    """A world whose bot is stopped, and the database of every standing."""
    folder: Path = tmp_path_factory.mktemp("standings")
    async with world(sqlite_url(folder)) as made:
        copies = Copies(made, folder)
        await made.start_bot()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("flows.outbox.messages.PAUSE", timedelta(0))  # cards do not wait
            await walk(made, copies)
        await made.stop_bot()
        made.slack.breach_free()
        yield made, copies


async def test_every_id_is_in_the_table() -> None:
    assert ids_pressed(PRESSES) == all_ids()


@pytest.mark.parametrize("standing", Standing, ids=lambda each: each.name.lower())
async def test_every_button(walked: tuple[World, Copies], standing: Standing) -> None:
    made, copies = walked
    with closing(copies.open()) as database, logged(LogLevel.WARNING) as log:
        copies.put_back(standing, database)
        await made.start_bot(worker=False)
        try:
            table = Table(made, copies, standing, database, log)
            found = [line for press in PRESSES for line in await table.press(press)]
        finally:
            await made.stop_bot()
            made.slack.breaches.clear()
    assert not found, "\n" + "\n".join(found)


class Table:
    """One column: a standing, to which the database returns after each press."""

    def __init__(
        self,
        made: World,
        copies: Copies,
        standing: Standing,
        database: sqlite3.Connection,
        log: StringIO,
    ) -> None:
        self._world = made
        self._copies = copies
        self._standing = standing
        self._database = database
        self._log = log
        before = stored(database)
        self._before = before
        # A window that was left open dates from before the disconnect.
        age = 1 if standing is Standing.DISCONNECTED else 0
        self._revision = int(before.facts.get("revision", 0)) - age

    async def press(self, press: Press) -> list[str]:
        """The broken laws, each line with button and standing."""
        person = self._world.person("mira" if press.by_csm else "ada")
        version, written = self._version(), len(self._log.getvalue())
        seen = None

        def remember() -> None:
            nonlocal seen
            seen = screen(self._world, person)

        await press.make(self._world, self._revision, remember)
        assert seen is not None
        changed = self._version() != version
        outcome = Outcome(
            press,
            self._standing,
            (self._before, seen),
            (stored(self._database), screen(self._world, person)),
            changed,
            _errors(self._log.getvalue()[written:]),
            [f"{each.where}: {each.error} {each.detail}" for each in self._world.slack.breaches],
        )
        self._world.slack.breaches.clear()
        if changed:
            self._copies.put_back(self._standing, self._database)
        return [f"{press.name} × {self._standing}: {fault}" for fault in faults(outcome)]

    def _version(self) -> int:
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])


def _errors(lines: str) -> list[str]:
    return [
        line for line in lines.splitlines() if '"level": "error"' in line or "Traceback" in line
    ]
