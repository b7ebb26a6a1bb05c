"""The bot over Socket Mode, in real processes. Connections come and go, and nobody notices."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.inbound import socket_mode
from bot.inbound.asgi import Transport, build_asgi
from bot.inbound.socket_mode import SOCKETS
from playground.sample import ACME
from playground.slack.person import Person
from tests.scenario.logged import logged
from tests.scenario.story import choose_plan, choose_sources, enter_token, see, token
from tests.support.fleet import ENDED_WELL, Fleet, fleet, free_port
from tests.support.template import sqlite_url
from tests.support.world import World, soon, world

START = 60  # seconds


@pytest.fixture
async def connected(tmp_path: Path) -> AsyncIterator[World]:
    """One workspace. The bot's settings have its token."""
    async with world(sqlite_url(tmp_path), socket_mode=True) as made:
        installed = made.slack.seed_installation(ACME.id, made.person("ada").user.id)
        not_used = ("slack_client_id", "slack_client_secret", "slack_signing_secret")
        for name in (*not_used, "csm_team_id", "csm_channel_id"):
            made.settings[name] = None
        made.settings["slack_bot_token"] = SecretStr(installed.token)
        made.settings["slack_app_token"] = SecretStr(made.playground.config.app_token)
        yield made
        made.slack.breach_free()


@pytest.fixture
async def bots(connected: World, tmp_path: Path) -> AsyncIterator[Fleet]:
    async with fleet(connected, tmp_path) as made:
        yield made


@pytest.fixture
def ada(connected: World) -> Person:
    return connected.person("ada")


async def fully_connected(world: World, processes: int) -> None:
    await soon(lambda: world.slack.sockets.connections == SOCKETS * processes, START)


async def test_a_story_while_connections_break_and_are_renewed(
    connected: World, bots: Fleet, ada: Person
) -> None:
    first, second = await bots.start("serve --socket-mode", "serve --socket-mode --no-worker")
    sockets = connected.slack.sockets
    await fully_connected(connected, 2)
    await choose_plan(ada, "Business")
    await sockets.drop()
    await enter_token(ada, token(connected, "acme"))
    await see(ada, "Acme Inc is connected")
    await sockets.refresh()
    await choose_sources(ada, "Web app")
    await see(ada, "Web app: no Toplyne destination")

    await fully_connected(connected, 2)
    await second.kill()
    await soon(lambda: sockets.connections == SOCKETS)
    await ada.click("Check again")
    await ada.close()
    await ada.command("/segment")
    await see(ada, "Web app: no Toplyne destination")
    await ada.open_home()
    await ada.say(None, "Is anybody there?")
    await connected.slack.events.settle()
    await soon(lambda: len(ada.messages()) > 1)  # hers, and an answer
    again = Counter(m.visible_text for m in ada.messages())
    assert [text for text, times in again.items() if times > 1] == []
    assert (await first.get("/readyz")).status_code == 200
    assert await first.terminate() in ENDED_WELL


async def test_what_slack_would_not_send_is_refused_and_the_next_command_works(
    connected: World, bots: Fleet, ada: Person
) -> None:
    port = free_port()
    bots.set("METRICS_PORT", str(port))
    (only,) = await bots.start("serve --socket-mode")
    await fully_connected(connected, 1)
    sockets = connected.slack.sockets
    for text in (
        "no JSON",
        "[]",
        "{}",
        '{"envelope_id": "1", "type": "interactive", "payload": "text"}',
        '{"envelope_id": "1", "type": "interactive", "payload": {"type": "view_submission"}}',
        '{"envelope_id": "1", "type": "slash_commands", "payload": {"command": "/segment"}}',
        '{"envelope_id": "1", "type": "events_api", "payload": {"type": "event_callback"}}',
    ):
        await sockets.send_raw(text)
    await choose_plan(ada, "Business")
    await see(ada, "Create an access token in Segment")
    refused = 'bot_slack_requests_total{kind="unknown",outcome="malformed"}'
    metrics = (await replace(only, port=port).get("/metrics")).text
    assert (await only.get("/metrics")).status_code == 404
    assert any(line.startswith(refused) for line in metrics.splitlines()), metrics


async def test_a_link_without_hello_is_left_and_ada_is_answered_once_slack_works(
    connected: World, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_mode, "CONNECT_LIMIT", 0.2)
    monkeypatch.setattr(socket_mode, "PAUSES", (0.05,))
    connected.slack.sockets.says_hello = False
    settings = connected.bot_settings()
    asgi = build_asgi(settings, transport=Transport.SOCKET, check_policy=connected.check_policy)
    with logged() as log:
        async with asgi.router.lifespan_context(asgi):
            await soon(lambda: log.getvalue().count("no_hello") > SOCKETS)
            connected.slack.sockets.says_hello = True
            monkeypatch.setattr(socket_mode, "CONNECT_LIMIT", 10.0)
            await fully_connected(connected, 1)
            await choose_plan(ada, "Business")
            await see(ada, "Create an access token in Segment")


async def test_many_workspaces_install_it_on_the_pages_beside_the_sockets(tmp_path: Path) -> None:
    async with world(sqlite_url(tmp_path), socket_mode=True) as made:
        made.settings["slack_app_token"] = SecretStr(made.playground.config.app_token)
        settings = made.bot_settings(slack_signing_secret=None)
        asgi = build_asgi(settings, transport=Transport.SOCKET, check_policy=made.check_policy)
        async with asgi.router.lifespan_context(asgi):
            made.serve_with(asgi)
            await fully_connected(made, 1)
            await made.install()
            ada = made.person("ada")
            await choose_plan(ada, "Business")
            await see(ada, "Create an access token in Segment")
