"""Worlds whose bot runs in its own processes, on each kind of database."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from playground.slack.person import Person
from tests.faults.figures import PROPERTY, Show
from tests.faults.repeating import Repeating
from tests.support.empty_world import empty_world
from tests.support.fleet import Fleet, fleet
from tests.support.postgres import migrated_database
from tests.support.template import sqlite_url
from tests.support.world import World, world

__all__ = ["empty_world"]  # a fixture


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
        return
    with migrated_database(request.getfixturevalue("postgres_server")) as address:
        yield address


@pytest.fixture
async def outside(database_url: str) -> AsyncIterator[World]:
    """Slack and Segment, and a database with our tables."""
    async with world(database_url) as made:
        yield made
        made.slack.breach_free()


@pytest.fixture
async def bots(outside: World, tmp_path: Path) -> AsyncIterator[Fleet]:
    """The bot's processes. None runs yet."""
    async with fleet(outside, tmp_path, "tests.faults.hurried") as made:
        yield made


@pytest.fixture
async def a_world(empty_world: World) -> World:
    """The app is installed."""
    await empty_world.install()
    return empty_world


@pytest.fixture
def ada(empty_world: World) -> Person:
    return empty_world.person("ada")


@pytest.fixture
def mira(empty_world: World) -> Person:
    return empty_world.person("mira")


@pytest.fixture
def repeating(empty_world: World) -> Repeating:
    return Repeating(empty_world)


@pytest.fixture
def show(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Show:
    """Has figures printed at the end of the run."""

    def show(name: str, figures: object) -> None:
        where = f", {kind}" if (kind := _database(request)) else ""
        record_property(PROPERTY, f"{name}{where}: {figures}")

    return show


def _database(request: pytest.FixtureRequest) -> str:
    """The kind of database, if the test runs on each kind."""
    parameters = getattr(request.node, "callspec", None)
    return str(parameters.params.get("database_url", "")) if parameters else ""
