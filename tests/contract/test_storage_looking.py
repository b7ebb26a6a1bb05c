"""What people have open: windows of live sync, and Homes. Both ways of writing it do the same."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows.drawn import OpenedWindows
from flows.outbox.jobs import JobKind
from flows.outbox.windows import MAX_WINDOWS, OPEN_FOR
from flows.ports import Unguarded
from storage import raw_sqlite
from storage.cipher import Cipher, generate_key
from storage.connections import Engine
from storage.engine import SharedClock
from storage.leases import Leases
from storage.listening import listen
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.conftest import Storage
from tests.contract.samples import NOON, A, B

SECOND = timedelta(seconds=1)


@pytest.fixture(params=["at once", "while somebody else writes"])
async def stored(
    stored: Storage, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Storage:
    """With a set-up; once as if another process were writing, which only SQLite has to wait for."""
    tries, opened = iter(range(3)), raw_sqlite.open_to_write

    def locked_at_first(path: Path) -> sqlite3.Connection:
        if next(tries, None) is not None:
            locked = sqlite3.OperationalError("database is locked")
            locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise locked
        return opened(path)

    if request.param != "at once":
        monkeypatch.setattr(raw_sqlite, "open_to_write", locked_at_first)
    return stored


async def windows(stored: Storage, integration_id: str = "one") -> list[str]:
    async with stored.work(A, write=False) as work:
        _, observed = await work.integrations.observed(integration_id)
    return sorted(observed.windows)


async def test_windows_are_remembered_until_they_are_forgotten(stored: Storage) -> None:
    await stored.work.looked([OpenedWindows(A, "one", ["live_1", "live_2"])], NOON)
    await stored.work.looked([OpenedWindows(A, "one", ["live_2"])], NOON + SECOND)
    async with stored.work(A) as work:
        _, found = await work.integrations.observed("one")
        assert found.windows == {"live_1": NOON, "live_2": NOON + SECOND}
        await work.observations.forget_windows("one", ["live_2", "live_3"])
        assert (await work.observations.of("one")).windows == {"live_1": NOON}
        await work.observations.clear("one")
        assert (await work.observations.of("one")).windows == {}


async def test_the_newest_windows_of_a_set_up_are_kept_as_long_as_they_may_be_open(
    stored: Storage,
) -> None:
    for number in range(MAX_WINDOWS + 3):
        at = NOON + SECOND * number
        await stored.work.looked([OpenedWindows(A, "one", [f"live_{number:02}"])], at)
    newest = [f"live_{number:02}" for number in range(3, MAX_WINDOWS + 3)]
    assert await windows(stored) == newest
    later = NOON + OPEN_FOR + SECOND * MAX_WINDOWS
    await stored.work.looked([OpenedWindows(A, "one", ["live_99"])], later)
    assert await windows(stored) == [*newest[-2:], "live_99"]
    many = [f"many_{number:02}" for number in range(MAX_WINDOWS + 2)]
    await stored.work.looked([OpenedWindows(A, "one", many)], later + SECOND)
    assert await windows(stored) == many[2:]


async def test_one_that_is_gone_does_not_keep_the_others_from_being_remembered(
    stored: Storage,
) -> None:
    looks = [OpenedWindows(A, "gone", ["live_1"]), OpenedWindows(B, "one", ["live_2"])]
    await stored.work.looked([*looks, OpenedWindows(A, "one", ["live_3"])], NOON)
    assert await windows(stored) == ["live_3"]
    async with stored.work(A, unguarded=Unguarded.LEAVING) as work:
        await work.installations.revoke(NOON)
        await work.commit()
    await stored.work.looked([OpenedWindows(A, "one", ["live_4"], NOON)], NOON)
    await stored.work.saw_home(A, A, "U1", "as it is", NOON)
    assert await windows(stored) == ["live_3"]
    async with stored.work(A, write=False) as work:
        assert (await work.observations.of("one")).waited_at is None
        assert await work.home_viewers.drawn("U1") is None


async def test_who_waits_has_segment_asked_sooner_and_never_later(stored: Storage) -> None:
    planned = NOON + timedelta(minutes=15)
    async with stored.work(A) as work:
        await work.overviews.put(replace(samples.overview(), next_poll_at=planned))
        await work.commit()
    for at, then in ((planned + SECOND, planned), (NOON, NOON)):
        await stored.work.looked([OpenedWindows(A, "one", ["live_1"], at)], NOON)
        async with stored.work(A, write=False) as work:
            overview = await work.overviews.get("one")
            assert overview
            assert overview.next_poll_at == then
            assert (await work.observations.of("one")).waited_at == NOON


async def test_a_set_up_that_is_not_polled_is_not_polled_because_somebody_waits(
    stored: Storage,
) -> None:
    async with stored.work(A) as work:
        await work.overviews.put(replace(samples.overview(), next_poll_at=None))
        await work.commit()
    await stored.work.looked([OpenedWindows(A, "one", ["live_1"], NOON)], NOON)
    async with stored.work(A, write=False) as work:
        overview = await work.overviews.get("one")
    assert overview
    assert overview.next_poll_at is None


async def test_a_home_is_remembered_with_what_it_shows(stored: Storage) -> None:
    for mark, at in (("as it was", NOON), ("as it is", NOON + SECOND)):
        await stored.work.saw_home(A, A, "U1", mark, at)
    await stored.work.saw_home(A, A, "U2", "as it is", NOON)
    async with stored.work(A, write=False) as work:
        assert await work.home_viewers.drawn("U1") == "as it is"
        assert await work.home_viewers.recent(A, 5) == ["U1", "U2"]


async def test_workers_elsewhere_hear_of_it_and_find_the_poll_due(engine: Engine) -> None:
    heard, own = asyncio.Event(), asyncio.Event()
    listening = asyncio.create_task(listen(engine, heard))
    work = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), SharedClock(), own)
    leases = Leases(engine, SharedClock(), [JobKind.POLL])
    async with work(A) as unit:
        await unit.integrations.add(samples.bare_integration())
        later = replace(samples.overview(), next_poll_at=NOON + timedelta(hours=1))
        await unit.overviews.put(later)
        await unit.commit()
    async with asyncio.timeout(120):
        await heard.wait()  # once, for what was missed before
        heard.clear()
        own.clear()
        assert not await leases.turn([], {JobKind.POLL: (NOON, 5)}, "test", 1.0)
        await work.looked([OpenedWindows(A, "one", ["live_1"], NOON)], NOON)
        await heard.wait()
    assert own.is_set()
    (due,) = await leases.turn([], {JobKind.POLL: (NOON, 5)}, "test", 1.0)
    assert due.subject == "one"
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
