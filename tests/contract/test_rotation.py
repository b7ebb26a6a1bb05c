"""Encryption keys are rotated in batches, while others write, and as often as it takes."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import event

from bot.cli.database import told
from storage import tables
from storage.cipher import LABEL, Cipher, generate_key, key_id
from storage.connections import Engine
from storage.engine import close_engine
from storage.rotation import ROTATION_BATCH, SEALED, keys_missing, keys_used, reseal, tenants_lost
from storage.sqlite import SqliteConnection
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.samples import A
from tests.support.fake_tables import FakeClock
from tests.support.statements import heard

MANY = 2 * ROTATION_BATCH + 300
OLD, NEW = generate_key(), generate_key()
OLDER, BOTH, NEWEST = Cipher([OLD]), Cipher([NEW, OLD]), Cipher([NEW])
SECRET = SecretStr(secrets.token_hex(20))

CHECK = replace(samples.check(), integration_id="int00000")


def work(engine: Engine, cipher: Cipher) -> SqlUnitOfWorkFactory:
    return SqlUnitOfWorkFactory(engine, cipher, FakeClock())


def unnamed(key: SecretStr, sealed: str) -> str:
    """As versions sealed that named no key: with the time in its place."""
    fernet = Fernet(key.get_secret_value())
    return fernet.encrypt(fernet.decrypt(sealed)).decode()


@pytest.fixture
async def filled(engine: Engine) -> Engine:
    """Many tokens in the vault under the old key, each second one without its name; and one
    secret of each other kind."""
    async with work(engine, OLDER)(A) as unit:
        await unit.installations.put(samples.installation(A), SECRET)
        for number in range(MANY):
            await unit.integrations.add(samples.bare_integration(name(number)))
        await unit.write_keys.put(name(0), SECRET)
        await unit.checks.add(CHECK, SECRET)
        await unit.commit()
    texts = [OLDER.seal(f"vault:{A}:{name(number)}", SECRET) for number in range(MANY)]
    rows = [
        {
            "tenant_id": A,
            "integration_id": name(number),
            "sealed_token": unnamed(OLD, text) if number % 2 else text,
        }
        for number, text in enumerate(texts)
    ]
    async with engine.begin() as connection:
        await connection.execute(sa.insert(tables.vault), rows)
    return engine


def name(number: int) -> str:
    return f"int{number:05}"


class Writes:
    """What a rotation wrote: the rows of each of its transactions."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self._open = 0

    def statement(self, text: str, rows: Any) -> None:
        if text.startswith("UPDATE"):
            self._open += len(rows) if isinstance(rows, list) else 1

    def commit(self, _connection: Any) -> None:
        if self._open:
            self.rows.append(self._open)
        self._open = 0


@contextmanager
def writes(engine: Engine) -> Iterator[Writes]:
    found, target, commit = Writes(), engine.sync_engine, SqliteConnection.commit

    async def by_driver(connection: SqliteConnection) -> None:
        await commit(connection)
        found.commit(connection)

    event.listen(target, "commit", found.commit)
    with heard(engine, found.statement), patch.object(SqliteConnection, "commit", by_driver):
        yield found
    event.remove(target, "commit", found.commit)


async def rotated(engine: Engine, cipher: Cipher) -> int:
    return sum([count async for count in reseal(engine, cipher)])


async def test_all_secrets_are_sealed_anew_some_hundred_at_a_time(filled: Engine) -> None:
    with writes(filled) as found:
        assert await rotated(filled, BOTH) == MANY + 3
    assert found.rows == [1, ROTATION_BATCH, ROTATION_BATCH, MANY - 2 * ROTATION_BATCH, 1, 1]
    assert await keys_used(filled) == dict.fromkeys(NEWEST.key_ids, MANY + 3)
    async with work(filled, NEWEST)(A, write=False) as unit:
        assert await unit.installations.token() == SECRET
        assert await unit.write_keys.get(name(0)) == SECRET
        assert await unit.checks.get("check") == (CHECK, SECRET)
        for number in (0, 1, ROTATION_BATCH, MANY - 1):
            assert await unit.vault.get(name(number)) == SECRET


async def test_a_rotation_that_was_cut_goes_on_with_the_next(filled: Engine) -> None:
    counts = reseal(filled, BOTH)
    done = [await anext(counts), await anext(counts)]
    await counts.aclose()  # type: ignore[attr-defined]
    assert done == [1, ROTATION_BATCH]
    async with work(filled, BOTH)(A, write=False) as unit:  # the bot goes on with both keys
        assert [await unit.vault.get(name(number)) for number in (0, MANY - 1)] == [SECRET] * 2
    with writes(filled) as found:
        assert await rotated(filled, BOTH) == MANY + 3 - sum(done)
    assert found.rows == [ROTATION_BATCH, MANY - 2 * ROTATION_BATCH, 1, 1]
    with writes(filled) as found:
        assert await rotated(filled, BOTH) == 0
    assert found.rows == []


async def test_what_is_written_between_two_batches_stays(filled: Engine) -> None:
    counts, between = reseal(filled, BOTH), SecretStr(secrets.token_hex(20))
    await anext(counts)
    await anext(counts)
    async with work(filled, BOTH)(A) as unit:
        for number in (0, MANY - 1):  # in the batch that is done, and in one that follows
            await unit.vault.put(name(number), between)
        await unit.vault.delete(name(MANY - 2))
        await unit.commit()
    assert sum([count async for count in counts]) == MANY + 3 - 1 - ROTATION_BATCH - 2
    async with work(filled, NEWEST)(A, write=False) as unit:
        assert await unit.vault.get(name(0)) == await unit.vault.get(name(MANY - 1)) == between
        assert await unit.vault.get(name(MANY - 2)) is None
        assert await unit.vault.get(name(1)) == SECRET


async def test_what_is_written_while_a_batch_is_sealed_stays(
    filled: Engine, database_address: str
) -> None:
    """Somebody else's transaction commits after the batch was read and before it is written."""
    there = BOTH.seal(f"vault:{A}:{name(7)}", between := SecretStr(secrets.token_hex(20)))
    outside = sa.create_engine(database_address.replace("postgresql:", "postgresql+psycopg:"))

    class Slow(Cipher):
        calls = 0

        def rotate(self, sealed: str) -> str:
            self.calls += 1
            if self.calls == 2:  # the first was the installation
                own = tables.vault.c.integration_id == name(7)
                with outside.begin() as connection:
                    connection.execute(
                        sa.update(tables.vault).where(own).values(sealed_token=there)
                    )
            return super().rotate(sealed)

    await close_engine(filled)
    assert [count async for count in reseal(filled, Slow([NEW, OLD]))][1] == ROTATION_BATCH - 1
    outside.dispose()
    async with work(filled, NEWEST)(A, write=False) as unit:
        assert await unit.vault.get(name(7)) == between


async def test_keys_that_are_missing_are_named_and_the_rest_is_sealed_anew(
    filled: Engine,
) -> None:
    lost, never = Cipher([key := generate_key()]), generate_key()
    named = lost.seal(f"vault:{A}:{name(0)}", SECRET)
    async with filled.begin() as connection:
        for number, text in ((0, named), (1, unnamed(key, named))):
            own = tables.vault.c.integration_id == name(number)
            values = {"sealed_token": text}
            await connection.execute(sa.update(tables.vault).where(own).values(values))
    (gone,) = lost.key_ids
    assert await keys_missing(filled, BOTH) == {gone: 1, "": 1}
    assert await rotated(filled, BOTH) == MANY + 3 - 2
    missing = await keys_missing(filled, Cipher([NEW, never]))
    assert told(missing) == f"one without an id (1 secret), {gone} (1 secret)"
    assert await tenants_lost(filled, BOTH) == []
    assert await tenants_lost(filled, Cipher([never])) == [A]
    async with filled.connect() as connection:  # nothing is erased: the key may turn up
        kept = sa.select(tables.vault.c.sealed_token).order_by("integration_id").limit(1)
        assert (await connection.execute(kept)).scalar_one() == named
    assert await keys_missing(filled, Cipher([NEW, key])) == {}


def test_every_sealed_column_is_rotated() -> None:
    found = {
        column
        for table in tables.metadata.tables.values()
        for column in table.c
        if column.name.startswith("sealed")
    }
    assert found == set(SEALED)


def test_a_sealed_text_names_its_key_and_an_older_one_opens() -> None:
    (old,), (new,) = OLDER.key_ids, NEWEST.key_ids
    sealed = BOTH.seal("me", SECRET)
    assert key_id(sealed[:LABEL]) == new != old
    assert sealed[:LABEL] == BOTH.newest_label != OLDER.newest_label
    assert OLD.get_secret_value()[:4] not in old  # it tells nothing of the key
    older = unnamed(NEW, sealed)
    assert key_id(older[:LABEL]) == ""
    assert BOTH.open("me", older) == SECRET
    # A version that knows no ids reads what this one seals.
    assert SECRET.get_secret_value() in Fernet(NEW.get_secret_value()).decrypt(sealed).decode()
