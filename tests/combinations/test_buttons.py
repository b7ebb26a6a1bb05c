"""Every button of every message and view, in every standing of a customer.

The walk to the standings is made once. Then the buttons are pressed in them, through Bolt and
against the strict Slack: in `make test` each button in one standing of each kind, in `make faults`
in all. `laws` says what must hold. A failure names button and standing.
"""

from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.settings import LogLevel
from tests.combinations.dealing import assert_covers, dealt
from tests.combinations.laws import faults
from tests.combinations.presses import all_ids, every_press, ids_pressed
from tests.combinations.standings import KINDS, Copies, Standing, walk
from tests.combinations.table import Table, drawn_at
from tests.scenario.logged import logged
from tests.support.template import sqlite_url
from tests.support.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[World, Copies]]:
    """A world whose bot is stopped, and the database of every standing."""
    folder: Path = tmp_path_factory.mktemp("standings")
    async with world(sqlite_url(folder)) as made:
        copies = Copies(made, folder)
        await made.start_bot()
        await walk(made, copies)
        await made.stop_bot()
        made.slack.breach_free()
        yield made, copies


async def test_every_id_is_in_the_table() -> None:
    assert ids_pressed(every_press()) == all_ids()


async def test_every_button_meets_each_kind_of_standing() -> None:
    assert_covers(every_press(), KINDS, Standing)


@pytest.mark.parametrize("standing", Standing, ids=lambda each: each.name.lower())
async def test_every_button(walked: tuple[World, Copies], standing: Standing) -> None:
    made, copies = walked
    presses = dealt(every_press(), KINDS, standing)
    with closing(copies.open()) as database, logged(LogLevel.WARNING) as log:
        await copies.put_back(standing, database)
        await made.start_bot(worker=False)
        try:
            # A window that was left open dates from before the disconnect.
            drawn = drawn_at(database, age=1 if standing is Standing.DISCONNECTED else 0)
            put_back = partial(copies.put_back, standing)
            table = Table(made, standing, drawn, database, log, put_back)
            found = [
                f"{press.name} × {standing}: {fault}"
                for press in presses
                for fault in faults(await table.press(press))
            ]
        finally:
            await made.stop_bot()
            made.slack.breaches.clear()
    assert not found, f"{len(presses)} presses\n" + "\n".join(found)
