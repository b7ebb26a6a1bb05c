"""Links to one-time pages, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from flows.errors import Repeated
from flows.model import Screen
from flows.ports import UnitOfWorkFactory
from storage.cipher import Cipher
from storage.connections import Engine
from storage.engine import SharedClock
from storage.housekeeping import SqlHousekeeping
from storage.repositories.entry_links import SqlFoundLinks
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples

A, B, NOON = samples.A, samples.B, samples.NOON
LINK = samples.entry_link()


@pytest.fixture
async def uow(engine: Engine, cipher: Cipher) -> UnitOfWorkFactory:
    made = SqlUnitOfWorkFactory(engine, cipher, SharedClock())
    for tenant_id in (A, B):
        async with made(tenant_id) as work:
            await work.integrations.add(samples.bare_integration("one", tenant_id))
            await work.commit()
    return made


async def put(uow: UnitOfWorkFactory, **changed: object) -> None:
    link = samples.entry_link(**changed)  # type: ignore[arg-type]
    async with uow(link.tenant_id) as work:
        await work.entry_links.put(link)
        await work.commit()


async def use(uow: UnitOfWorkFactory, tenant_id: str = A) -> bool:
    try:
        async with uow(tenant_id) as work:
            await work.entry_links.use(LINK.id, NOON)
            await work.commit()
    except Repeated:
        return False
    return True


async def test_a_link_is_found_by_its_hash_alone(uow: UnitOfWorkFactory, engine: Engine) -> None:
    await put(uow)
    found = SqlFoundLinks(engine)
    assert await found.find(LINK.digest) == LINK
    assert await found.find("another") is None


async def test_ten_at_once_use_it_once(uow: UnitOfWorkFactory, engine: Engine) -> None:
    await put(uow)
    assert sum(await asyncio.gather(*(use(uow) for _ in range(10)))) == 1
    used = await SqlFoundLinks(engine).find(LINK.digest)
    assert used == samples.entry_link(used_at=NOON)


async def test_another_tenant_uses_nothing_up(uow: UnitOfWorkFactory) -> None:
    await put(uow)
    assert not await use(uow, B)
    assert await use(uow)


async def test_a_newer_link_of_the_same_person_and_step_takes_its_place(
    uow: UnitOfWorkFactory, engine: Engine
) -> None:
    await put(uow)
    assert await use(uow)
    await put(uow, digest="newer")
    await put(uow, digest="of another step", screen=Screen.WRITE_BACK, id="page_2")
    await put(uow, digest="of another person", user_id="UBOB", id="page_3")
    found = SqlFoundLinks(engine)
    assert await found.find(LINK.digest) is None
    newer = await found.find("newer")
    assert newer is not None
    assert newer.used_at is None
    assert await found.find("of another step")
    assert await found.find("of another person")


async def test_a_rolled_back_use_uses_nothing_up(uow: UnitOfWorkFactory) -> None:
    await put(uow)
    async with uow(A) as work:
        await work.entry_links.use(LINK.id, NOON)
    assert await use(uow)


async def test_expired_links_are_removed(uow: UnitOfWorkFactory, engine: Engine) -> None:
    await put(uow)
    rows, later = SqlHousekeeping(engine), LINK.expires_at + timedelta(seconds=1)
    assert await rows.remove_entry_links(LINK.expires_at) == 0
    assert await rows.remove_entry_links(later) == 1
