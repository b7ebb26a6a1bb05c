"""Fixtures of worlds that stories and fault tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.template import sqlite_url
from tests.support.world import World, world


@pytest.fixture
async def empty_world(tmp_path: Path) -> AsyncIterator[World]:
    """Slack, Segment, and a bot in this process that nobody has installed yet."""
    async with world(sqlite_url(tmp_path)) as made:
        await made.start_bot()
        yield made
        made.slack.breach_free()
