"""The same story on PostgreSQL 18, with background work in another process or in none."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import psycopg

from bot.app import running
from bot.cli.database import migrate
from tests.scenario.story import let_data_arrive, minutes_pass, reach_live_sync, see, told
from tests.support.world import World, world

ROOT = Path(__file__).parent.parent.parent


def ask(address: str, statement: str) -> list[Any]:
    with psycopg.connect(address, connect_timeout=10) as database:
        return database.execute(statement).fetchall()


async def walk(made: World, web: str = "Web app") -> None:
    """A short J1. `web` is what Segment itself calls the source."""
    ada, mira = made.person("ada"), made.person("mira")
    await reach_live_sync(made, ada)
    let_data_arrive(made, "acme", web)
    await minutes_pass(made, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving")
    await told(mira, "Live sync started with Web app", "#customers")
    await ada.submit()
    await ada.submit()
    await told(ada, "Workspace slug: acme")
    await ada.click("I’ve sent it to Segment")
    await see(ada, "reported by @Ada Okafor")


async def test_the_whole_way_on_postgresql(postgres_world: World) -> None:
    await walk(postgres_world)
    address = postgres_world.database_url
    ((version,),) = ask(address, "SHOW server_version_num")
    assert int(version) // 10_000 == 18
    assert ask(address, "SELECT count(*) FROM vault") == [(1,)]


async def test_names_with_signs_that_postgresql_does_not_take(postgres_world: World) -> None:
    acme = postgres_world.segment.workspace("acme")
    acme.name = "Acme\0 Inc"
    for source in acme.sources:
        source.name = f"{source.name or source.slug}\0"
        source.event_names = tuple(f"{name}\0" for name in source.event_names)
    await walk(postgres_world, web="web-app")


async def test_requests_here_and_background_work_there(postgres_address: str) -> None:
    await migrate(postgres_address)
    async with world(postgres_address) as made:
        await made.start_bot(worker=False)
        async with running(made.bot_settings(), worker=True):
            await made.install()
            await walk(made)
        made.slack.breach_free()


async def test_serve_refuses_a_database_without_our_schema_with_one_line(
    postgres_address: str, tmp_path: Path
) -> None:
    async with world(postgres_address) as made:
        secret = {
            name.upper(): value.get_secret_value() if hasattr(value, "get_secret_value") else value
            for name, value in made.settings.items()
        }
        ready = {**os.environ, **secret, "PYTHONPATH": str(ROOT)}
        for command, expected in (("serve", 1), ("migrate", 0)):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", command,
                cwd=tmp_path, env=ready,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            out, err = await asyncio.wait_for(process.communicate(), 60)
            assert process.returncode == expected
            said = (out + err).decode().strip()
            assert len(said.splitlines()) == 1
            assert "python -m bot migrate" in said or command == "migrate"
            assert "Traceback" not in said
