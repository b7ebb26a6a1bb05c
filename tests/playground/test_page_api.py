"""The page's HTTP interface on a real playground with a small app."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from playground.page.stream import Changes
from tests.playground.site import ADA, TEAM, Site, open_site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


async def test_state_shows_people_app_and_conversations(site: Site) -> None:
    state = await site.state("")
    assert state["me"]["id"] == ADA
    assert state["app"]["commands"][0]["command"] == "/small"
    assert [c["kind"] for c in state["conversations"]][-1] == "im"
    assert [t["installed"] for t in state["teams"]] == [True, False]
    assert state["segment"]["workspaces"][0]["tokens"]


async def test_unknown_person_is_not_found(site: Site) -> None:
    answer = await site.client.get("/playground/api/state", params={"user": "U404"})
    assert answer.status_code == 404


async def test_form_from_command_to_message(site: Site) -> None:
    form = await site.form()
    field = {"view_id": form["id"], "block_id": "name", "action_id": "name"}
    await site.done("fill", **field, value={"type": "plain_text_input", "value": "Al"})
    await site.done("submit", view_id=form["id"])
    again = (await site.state())["modals"][0]
    assert again["errors"] == {"name": "Too short."}
    assert again["typed"]["name"]["name"]["value"] == "Al"
    await site.done("fill", **field, value={"type": "plain_text_input", "value": "Alma"})
    await site.done("submit", view_id=form["id"])
    state = await site.state()
    assert state["modals"] == []
    direct = state["conversations"][-1]["id"]
    message = state["messages"][direct][-1]
    assert message["text"] == "Alma"
    button = {"block_id": message["blocks"][1]["block_id"], "action_id": "thanks"}
    await site.done("click", channel=direct, ts=message["ts"], **button)
    assert (await site.state())["messages"][direct][-1]["text"] == "You are welcome."


async def test_button_that_was_drawn_again_is_still_pressed(site: Site) -> None:
    """An edit gives blocks new ids. A person who saw the button before it presses the same one."""
    form = await site.form()
    field = {"view_id": form["id"], "block_id": "name", "action_id": "name"}
    await site.done("fill", **field, value={"type": "plain_text_input", "value": "Alma"})
    await site.done("submit", view_id=form["id"])
    state = await site.state()
    direct = state["conversations"][-1]["id"]
    place = {"channel": direct, "ts": state["messages"][direct][-1]["ts"], "block_id": "before"}
    other = await site.act("click", **place, action_id="thanks", value="another button")
    assert other == {"ok": False, "error": "This is no longer open."}
    await site.done("click", **place, action_id="thanks")
    assert (await site.state())["messages"][direct][-1]["text"] == "You are welcome."


async def test_search_gives_options_to_pick(site: Site) -> None:
    form = await site.form()
    fruit = {"view_id": form["id"], "block_id": "fruit", "action_id": "fruit"}
    found = (await site.done("search", **fruit, query="ap"))["options"]
    assert [option["value"] for option in found] == ["apple", "apricot"]
    value = {"type": "external_select", "selected_option": found[1]}
    await site.done("fill", **fruit, value=value)
    typed = (await site.state())["modals"][0]["typed"]
    assert typed["fruit"]["fruit"]["selected_option"]["value"] == "apricot"


async def test_shortcut_and_close(site: Site) -> None:
    await site.done("shortcut", callback_id="form")
    form = (await site.state())["modals"][0]
    await site.done("close", view_id=form["id"])
    assert (await site.state())["modals"] == []
    field = {"view_id": form["id"], "block_id": "name", "action_id": "name"}
    await site.done("fill", **field, value={"type": "plain_text_input", "value": "late"})
    late = await site.act("submit", view_id=form["id"])
    assert late == {"ok": False, "error": "This is no longer open."}


async def test_home_and_uninstall(site: Site) -> None:
    await site.done("open_home", tab="home")
    home = (await site.state())["home"]
    assert home["blocks"][0]["text"]["text"] == "Hello from Home"
    await site.done("uninstall", team_id=TEAM)
    state = await site.state()
    assert state["home"] is None
    assert state["app"]["commands"] == []


async def test_what_people_say_is_escaped(site: Site) -> None:
    channel = (await site.state())["conversations"][0]["id"]
    await site.done("say", channel=channel, text="<b> & co")
    message = (await site.state())["messages"][channel][-1]
    assert message["text"] == "&lt;b&gt; &amp; co"
    await site.done("say", channel=channel, text="so", thread_ts=message["ts"])
    assert (await site.state())["messages"][channel][-1]["thread_ts"] == message["ts"]


async def test_segment_switches(site: Site) -> None:
    workspace = (await site.state())["segment"]["workspaces"][0]
    source = workspace["sources"][0]["id"]
    await site.done("segment_connect", source_id=source)
    await site.done("segment_enable", source_id=source, enabled=True)
    assert (await site.done("segment_send_events", source_id=source, count=100))["delivered"] == 100
    await site.done("segment_revoke_token", value=workspace["tokens"][0]["value"])
    await site.done("segment_weather", weather="down")
    segment = (await site.state())["segment"]
    assert segment["weather"] == "down"
    assert segment["workspaces"][0]["sources"][0]["destination"]["state"] == "enabled"
    assert segment["workspaces"][0]["tokens"][0]["revoked"] is True
    before = len(workspace["tokens"])
    await site.done("segment_new_token", workspace=workspace["slug"])
    tokens = (await site.state())["segment"]["workspaces"][0]["tokens"]
    assert len(tokens) == before + 1
    assert tokens[-1]["revoked"] is False
    await site.done("segment_source", source_id=source, enabled=False)
    assert (await site.done("segment_send_events", source_id=source, count=5))["delivered"] == 0


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("dance", {}),
        ("clock_advance", {"seconds": -1}),
        ("clock_advance", {"seconds": "1"}),
        ("segment_weather", {"weather": "pink"}),
        ("segment_connect", {"source_id": "nobody's"}),
        ("submit", {}),
        ("submit", {"view_id": "V404"}),
        ("click", {"channel": "C404", "ts": "1", "block_id": "b", "action_id": "a"}),
        ("install", {"team_id": "T404"}),
        ("uninstall", {"team_id": "T404"}),
    ],
)
async def test_refusals_say_why(site: Site, kind: str, details: dict[str, Any]) -> None:
    result = await site.act(kind, **details)
    assert result["ok"] is False
    assert result["error"]


async def test_clock_moves_forward(site: Site) -> None:
    await site.done("clock_advance", seconds=3600)
    assert (await site.state())["clock"]["offset_seconds"] == 3600


async def test_only_this_machine_and_this_page(site: Site) -> None:
    act = {"user": ADA, "type": "clock_advance", "seconds": 60}
    foreign = {"Origin": "https://evil.example"}
    cross = {"Sec-Fetch-Site": "cross-site"}
    for headers in (foreign, cross):
        answer = await site.client.post("/playground/api/act", json=act, headers=headers)
        assert answer.status_code == 403
    answer = await site.client.get("/playground/api/state", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert site.playground.clock.offset_seconds == 0


async def test_bodies_must_be_objects(site: Site) -> None:
    for body in (b"[]", b"{", b"", b"\xff", b'"' + b"x" * 1_000_001 + b'"'):
        answer = await site.client.post("/playground/api/act", content=body)
        assert answer.status_code == 400


async def test_page_has_a_strict_content_policy(site: Site) -> None:
    answer = await site.client.get("/")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    script = await site.client.get("/static/js/main.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert (await site.client.get("/static/../api.py")).status_code == 404
    assert (await site.client.get("/static/%2e%2e/api.py")).status_code == 404


async def test_stream_tells_of_changes(site: Site) -> None:
    async with site.client.stream("GET", "/playground/api/stream") as stream:
        lines = stream.aiter_lines()
        first = await _next_version(lines)
        site.playground.clock.advance(1)
        assert await _next_version(lines) > first


async def _next_version(lines: AsyncIterator[str]) -> int:
    async for line in lines:
        if line.startswith("data: "):
            return int(json.loads(line.removeprefix("data: "))["version"])
    raise AssertionError("the stream ended")


async def test_many_changes_become_one_event() -> None:
    changes = Changes()
    events = changes.listen()
    await anext(events)
    for _ in range(100):
        changes.changed()
    assert await anext(events) == 'data: {"version": 101}\n\n'
