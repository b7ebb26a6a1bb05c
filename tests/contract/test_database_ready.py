"""What `serve` and `migrate` do with a database that has no tables yet."""

import errno
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager, closing, nullcontext
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from bot.cli.database import (
    LOCKED_TRIES,
    DatabaseOutdated,
    make_ready,
    migrate,
    opened,
    rotate_keys,
)
from flows.errors import StorageUnavailable, Trouble
from flows.invitations import Invitation
from flows.ports import Unguarded
from storage.cipher import Cipher, generate_key
from storage.rotation import invited_until
from storage.schema import current_and_head, is_current
from storage.unit_of_work import SqlUnitOfWorkFactory
from storage.usable import require_usable, require_writable
from tests.contract import samples
from tests.contract.samples import NOON, A
from tests.support.fake_tables import FakeClock

LATER = NOON.replace(year=9000)


async def is_ready(address: str) -> bool:
    async with opened(address) as engine:
        return await is_current(engine)


async def test_only_sqlite_is_migrated_by_serving(bare_address: str) -> None:
    if bare_address.startswith("sqlite"):
        await make_ready(bare_address, to_run=True)
        assert await is_ready(bare_address)
        return
    with pytest.raises(DatabaseOutdated, match="python -m bot migrate"):
        await make_ready(bare_address, to_run=True)
    assert not await is_ready(bare_address)


async def test_a_newer_schema_is_one_that_the_old_version_goes_on_with(bare_address: str) -> None:
    """This happens while a new version is rolled out."""
    await migrate(bare_address)
    async with opened(bare_address) as engine:
        async with engine.begin() as connection:
            await connection.execute(sa.text("UPDATE alembic_version SET version_num = 'next'"))
        assert await is_current(engine)
    await make_ready(bare_address, to_run=True)
    await migrate(bare_address)
    async with opened(bare_address) as engine:
        assert (await current_and_head(engine))[0] == "next"


async def test_keys_are_rotated(bare_address: str) -> None:
    await migrate(bare_address)
    old, new, unknown = (generate_key() for _ in range(3))
    async with opened(bare_address) as engine:
        work = SqlUnitOfWorkFactory(engine, Cipher([old]), FakeClock())
        async with work(A, unguarded=Unguarded.INSTALLING) as unit:
            await unit.installations.put(samples.installation(A), SecretStr("token"))
            await unit.commit()
    (lost,) = Cipher([old]).key_ids
    assert await rotate_keys(bare_address, [new, unknown]) == (0, {lost: 1}, None)
    assert await rotate_keys(bare_address, [new, old]) == (1, {}, None)
    assert await rotate_keys(bare_address, [new]) == (0, {}, None)
    invited = [("Acme", LATER), ("Globex", LATER + timedelta(days=1)), ("Initech", NOON)]
    async with opened(bare_address) as engine:
        work = SqlUnitOfWorkFactory(engine, Cipher([new]), FakeClock())
        async with work(A) as unit:
            for account, until in invited:
                await unit.invitations.put(Invitation(A, account, "U1", NOON, until))
            await unit.commit()
        assert await invited_until(engine) == LATER + timedelta(days=1)
        async with work(A) as unit:
            await unit.invitations.installed("Globex", NOON)
            await unit.commit()
        assert await invited_until(engine) == LATER


async def test_after_migrating_both_can_serve(bare_address: str) -> None:
    for _ in range(2):
        await migrate(bare_address)
    await make_ready(bare_address, to_run=True)
    assert await is_ready(bare_address)


@asynccontextmanager
async def locked(address: str) -> AsyncIterator[None]:
    """Somebody else has locked it as CREATE INDEX does: who reads is not held up."""
    if address.startswith("sqlite"):
        file = address.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
        return
    async with opened(address) as engine, engine.connect() as connection:
        await connection.execute(sa.text("LOCK TABLE due IN SHARE MODE"))
        yield


async def test_a_check_waits_as_a_writer_for_what_others_have_locked(
    bare_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.LOCK_TIMEOUT", 0.05)
    monkeypatch.setattr("storage.postgres_driver.LOCK_TIMEOUT", 0.05)
    await migrate(bare_address)
    async with opened(bare_address) as engine:
        async with locked(bare_address):
            await require_usable(engine)
            with pytest.raises(StorageUnavailable) as met:
                await require_writable(engine)
            assert met.value.trouble is Trouble.LOCKED
        await require_writable(engine)


async def test_a_check_finds_that_the_disk_of_an_sqlite_file_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(address := f"sqlite:///{tmp_path / 'bot.db'}")
    before = set(os.listdir(tmp_path))
    for file in (Mock(side_effect=OSError(errno.ENOSPC, "")), _short_file):
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr("storage.usable.TemporaryFile", file)
            async with opened(address) as engine:
                with pytest.raises(StorageUnavailable) as met:
                    await require_writable(engine)
                assert met.value.trouble is Trouble.FULL
    async with opened(address) as engine:
        await require_writable(engine)
    assert set(os.listdir(tmp_path)) <= before, "nothing is left of it"


def _short_file(**_: object) -> AbstractContextManager[Mock]:
    return nullcontext(Mock(write=lambda content: len(content) - 1))


class Operator:
    """Reads the log while somebody else keeps the file locked, and has that ended in time."""

    def __init__(self, holder: sqlite3.Connection, ends_after: int) -> None:
        self.told: list[str] = []
        self._holder = holder
        self._ends_after = ends_after

    def warning(self, event: str) -> None:
        self.told.append(event)
        if len(self.told) == self._ends_after:
            self._holder.execute("ROLLBACK")


@pytest.mark.parametrize("bring_up", [partial(make_ready, to_run=True), migrate])
@pytest.mark.parametrize("ends_after", [2, LOCKED_TRIES + 1])
async def test_a_file_that_is_locked_at_the_start_is_waited_for_and_the_log_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ends_after: int,
    bring_up: Callable[[str], Awaitable[None]],
) -> None:
    monkeypatch.setattr("storage.sqlite.LOCK_TIMEOUT", 0.05)
    address = f"sqlite:///{tmp_path / 'bot.db'}"
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode = WAL")
        holder.execute("BEGIN IMMEDIATE")
        operator = Operator(holder, ends_after)
        monkeypatch.setattr("bot.cli.database._log", operator)
        if ends_after > LOCKED_TRIES:
            with pytest.raises(StorageUnavailable):
                await bring_up(address)
        else:
            await bring_up(address)
            assert await is_ready(address)
    assert operator.told == ["database_locked"] * min(ends_after, LOCKED_TRIES)
