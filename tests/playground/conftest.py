from collections.abc import AsyncIterator

import pytest

from tests.playground.slack_app import Bench, bench


@pytest.fixture
async def slack() -> AsyncIterator[Bench]:
    async with bench() as started:
        yield started
