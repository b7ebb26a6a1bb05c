"""Signed requests with fields that belong to another kind of request."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from prometheus_client.parser import text_string_to_metric_families

from playground.slack.person import Person
from tests.scenario.posting import JSON, post, post_payload, scraped, sent_payloads
from tests.scenario.story import choose_plan, enter_token, see
from tests.scenario.test_http_edges import command
from tests.support.world import World

NAMES = (
    "action_id",
    "actions",
    "authorizations",
    "channel",
    "command",
    "enterprise",
    "event",
    "function_data",
    "message",
    "response_urls",
    "team",
    "type",
    "user",
    "view",
)
ODD: tuple[Any, ...] = ("event_callback", "view_submission", "{}", "", 5, [], [5], {"id": [5]})


async def answered(world: World) -> dict[tuple[str, str], float]:
    """How many requests there were, by kind and outcome."""
    return {
        (sample.labels["kind"], sample.labels["outcome"]): sample.value
        for family in text_string_to_metric_families(await scraped(world))
        for sample in family.samples
        if sample.name == "bot_slack_requests_total"
    }


@pytest.mark.parametrize("name", NAMES)
async def test_a_command_with_a_field_of_another_kind_is_that_command(
    a_world: World, ada: Person, name: str
) -> None:
    for value in ("event_callback", "view_submission", "{}", "T1"):
        changed = {name: value} if name != "command" else {}
        answer = await post(a_world, command(a_world, ada, "help", **changed))
        assert answer.status_code == 200
        assert "reference" not in answer.text
    assert await answered(a_world) == {("command", "ok"): 4.0}
    await ada.command("/segment")
    await see(ada, "Which Segment plan do you have?")


@pytest.mark.parametrize("more", [{}, {"type": "event_callback"}, {"user": "x", "event": "x"}])
async def test_a_check_of_the_certificate_is_one_whatever_stands_beside_it(
    a_world: World, more: dict[str, str]
) -> None:
    answer = await post(a_world, urlencode({"ssl_check": "1", **more}).encode())
    assert (answer.status_code, answer.text) == (200, "")
    assert await answered(a_world) == {("ssl_check", "ok"): 1.0}


async def test_a_check_of_the_certificate_need_not_be_signed(a_world: World, ada: Person) -> None:
    """Whatever else such a form says, nothing is done for it."""
    asked = {"ssl_check": "1", "command": "/segment", "user_id": ada.user.id}
    answer = await post(a_world, urlencode(asked).encode(), signed="")
    assert (answer.status_code, answer.text) == (200, "")
    assert await answered(a_world) == {}
    answer = await post(a_world, urlencode({**asked, "ssl_check": "0"}).encode(), signed="")
    assert answer.status_code == 401


@pytest.mark.parametrize("name", [name for name in NAMES if name != "type"])
async def test_a_check_of_the_address_is_one_whatever_stands_beside_it(
    a_world: World, name: str
) -> None:
    for value in ODD:
        said = {"type": "url_verification", "challenge": "x", name: value}
        answer = await post(a_world, json.dumps(said).encode(), JSON)
        assert (answer.status_code, answer.json()["challenge"]) == (200, "x")
        said = {"type": "app_rate_limited", name: value}
        answer = await post(a_world, json.dumps(said).encode(), JSON)
        assert answer.status_code == 200


async def test_a_press_or_event_with_a_field_of_another_kind_is_no_server_error(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, "no token")
    await ada.open_home()
    sent = {each.get("type"): each for each in sent_payloads(a_world)}
    sent.pop(None)  # commands
    sent["message_action"] = {**sent["block_actions"], "callback_id": "x", "type": "message_action"}
    sent["shortcut"] = {**sent["message_action"], "type": "shortcut"}
    assert len(sent) > 4
    for sample in sent.values():
        for name in set(NAMES) - {"type"}:
            for value in ("event_callback", [5]):
                said = {**sample, name: value}
                if "event_id" in sample:
                    answer = await post(a_world, json.dumps(said).encode(), JSON)
                else:
                    answer = await post_payload(a_world, said)
                assert answer.status_code in (200, 400), said
    a_world.slack.breaches.clear()  # triggers that are used again
    counted = await answered(a_world)
    assert [kind for kind, outcome in counted if outcome not in ("ok", "malformed")] == []
    await ada.close(everything=True)
    await ada.command("/segment")
    await see(ada, "Create an access token in Segment")
