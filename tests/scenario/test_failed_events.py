"""An event from Slack could not be processed. It is seen, counted, and tried again."""

import asyncio
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli.operate import make_jobs_cli
from flows.setup.installations import Lifecycle
from playground.slack.person import Person
from tests.scenario.database import ask
from tests.scenario.posting import scraped
from tests.scenario.story import told
from tests.support.world import World, soon

FAILED = "SELECT event_id, error FROM inbox WHERE error IS NOT NULL"


async def jobs(world: World, *arguments: str) -> Result:
    """Runs `python -m bot jobs` while the bot runs."""
    settings = world.bot_settings()
    cli = make_jobs_cli(lambda: settings)
    return await asyncio.to_thread(CliRunner().invoke, cli, list(arguments))


async def test_what_failed_is_not_lost(
    a_world: World, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a secret of somebody's")

    with monkeypatch.context() as patch:
        patch.setattr(Lifecycle, "_answer", broken)
        await ada.say(None, "Hello?")
        await soon(lambda: ask(a_world, FAILED))
    ((event_id, error),) = ask(a_world, FAILED)
    assert error == "RuntimeError"
    assert 'bot_failed_events{kind="message"} 1.0' in await scraped(a_world)
    assert "1 event has failed" in (await jobs(a_world, "list")).stdout
    listed = (await jobs(a_world, "events")).stdout
    assert event_id in listed
    assert "secret" not in listed

    retried = await jobs(a_world, "retry-event", ada.user.team_id, event_id)
    assert retried.exit_code == 0, retried.output
    await told(ada, "I cannot answer messages here")
    assert (await jobs(a_world, "events")).stdout == "No event has failed.\n"
    assert (await jobs(a_world, "retry-event", ada.user.team_id, event_id)).exit_code == 1
    assert 'bot_failed_events{kind="message"} 0.0' in await scraped(a_world)
