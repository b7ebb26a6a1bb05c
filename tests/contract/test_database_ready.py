"""What `serve` and `migrate` do with a database that has no tables yet."""

import pytest

from bot.database import DatabaseOutdated, make_ready, migrate, opened
from storage.schema import is_current


async def is_ready(address: str) -> bool:
    async with opened(address) as engine:
        return await is_current(engine)


async def test_only_sqlite_is_migrated_by_serving(bare_address: str) -> None:
    if bare_address.startswith("sqlite"):
        await make_ready(bare_address)
        assert await is_ready(bare_address)
        return
    with pytest.raises(DatabaseOutdated, match="python -m bot migrate"):
        await make_ready(bare_address)
    assert not await is_ready(bare_address)


async def test_after_migrating_both_can_serve(bare_address: str) -> None:
    for _ in range(2):
        await migrate(bare_address)
    await make_ready(bare_address)
    assert await is_ready(bare_address)
