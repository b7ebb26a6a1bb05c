"""Requests to Slack's address that are not from Slack, or that have a shape Slack never sends."""

import copy
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from bot.inbound import failures
from bot.inbound.asgi import MAX_BODY
from playground.sample import ACME
from playground.slack.person import Person
from tests.faults.size import sized
from tests.scenario.posting import (
    EVENTS,
    FORM,
    JSON,
    door,
    post,
    post_payload,
    scraped,
    sent_payloads,
    signature,
)
from tests.scenario.story import choose_plan, enter_token
from tests.support.world import World, soon


def command(world: World, person: Person, text: str = "", **changed: str) -> bytes:
    form = {
        "command": "/segment",
        "text": text,
        "team_id": person.user.team_id,
        "user_id": person.user.id,
        "channel_id": "C0ACMEGENRL",
        "trigger_id": "1.2.3",
        "response_url": f"{world.playground.config.base_url}/response/none",
        **changed,
    }
    return urlencode({name: value for name, value in form.items() if value is not None}).encode()


def rows(world: World) -> dict[str, int]:
    """The number of rows in each of our tables."""
    with closing(sqlite3.connect(world.database_url.removeprefix("sqlite:///"))) as database:
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = [name for (name,) in database.execute(named)]
        return {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in tables
        }


def calls(world: World) -> int:
    """The bot's calls to Slack so far."""
    return sum(exchange.direction == "from_app" for exchange in world.slack.traffic)


async def test_a_bad_or_old_signature_is_refused_and_nothing_is_done(
    empty_world: World,
) -> None:
    world, ada = empty_world, empty_world.person("ada")
    body = command(world, ada)
    now = int(time.time())
    bad: dict[str, dict[str, Any]] = {
        "none": {"signed": ""},
        "garbage": {"signed": "v0=zz"},
        "another body's": {"signed": signature(world, b"other", now)},
        "another secret's": {"signed": "v0=" + "0" * 64},
        "six minutes old": {"age": 360},
        "from the future": {"age": -360},
    }
    before = rows(world), calls(world)
    for name, how in bad.items():
        answer = await post(world, body, **how)
        assert answer.status_code == 401, name
    async with door(world) as http:
        unsigned = await http.post(EVENTS, content=body)
    assert unsigned.status_code == 401
    assert (rows(world), calls(world)) == before


MALFORMED_BODIES = {
    "nothing": (b"", FORM),
    "no command": (b"text=hello", FORM),
    "payload is no JSON": (b"payload=%7Boops", FORM),
    "payload is a number": (b"payload=42", FORM),
    "too deep": (b"payload=" + b"[" * 100_000, FORM),
    "too many fields": (b"&".join(b"a=1" for _ in range(500)), FORM),
    "deeper than anything of Slack's": (
        urlencode({"payload": '{"type": "shortcut", "x":' + "[" * 60 + "]" * 60 + "}"}).encode(),
        FORM,
    ),
    "JSON that calls itself a form": (b'{"type": "url_verification", "challenge": "x"}', FORM),
    "a payload inside JSON": (b'{"payload": "{\\"type\\": \\"shortcut\\"}"}', JSON),
    "a form that calls itself JSON": (b"command=/segment&team_id=T1&user_id=U1", JSON),
    "files that are no list": (
        b'{"type": "event_callback", "team_id": "T1", "event_id": "Ev1",'
        b' "event": {"type": "message", "user": "U1", "files": 5}}',
        JSON,
    ),
    "an edit of no message": (
        b'{"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event":'
        b' {"type": "message", "subtype": "message_changed", "message": [5]}}',
        JSON,
    ),
    "JSON is no JSON": (b"{oops", JSON),
    "JSON is a list": (b"[1, 2]", JSON),
    "JSON is empty": (b"{}", JSON),
    "an unknown type": (b'{"type": "surprise"}', JSON),
    "a challenge that is a number": (b'{"type": "url_verification", "challenge": 7}', JSON),
    "an event without an id": (b'{"type": "event_callback", "event": {"type": "x"}}', JSON),
    "half a surrogate": (
        b'{"type": "event_callback", "team_id": "T1", "event_id": "\\ud800",'
        b' "event": {"type": "message"}}',
        JSON,
    ),
}


async def test_a_failure_that_cannot_be_explained_is_no_server_error(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_said: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(failures, "sentence", breaks)
    answer = await post(empty_world, command(empty_world, empty_world.person("ada")))
    assert answer.status_code == 200


@pytest.mark.parametrize("name", MALFORMED_BODIES)
async def test_a_signed_body_of_no_known_shape_is_a_bad_request(
    empty_world: World, name: str
) -> None:
    body, kind = MALFORMED_BODIES[name]
    before = rows(empty_world)
    answer = await post(empty_world, body, kind)
    assert answer.status_code == 400
    assert "Traceback" not in answer.text
    assert rows(empty_world) == before


async def test_a_body_that_is_too_large_is_refused_before_it_is_read_to_its_end(
    empty_world: World,
) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < MAX_BODY * 10:
            read += 100_000
            yield b"x" * 100_000

    async with door(empty_world) as http:
        answer = await http.post(EVENTS, content=endless())
    assert answer.status_code == 413


async def test_other_methods_and_addresses_are_not_ours(empty_world: World) -> None:
    async with door(empty_world) as http:
        assert (await http.get(EVENTS)).status_code == 405
        assert (await http.put(EVENTS)).status_code == 405
        assert (await http.post("/slack/commands")).status_code == 404
        assert (await http.get("/healthz")).text == "ok"
        assert (await http.get("/readyz")).status_code == 200


async def test_slack_tries_the_address(empty_world: World) -> None:
    assert await empty_world.slack.events.check_ssl()
    assert await empty_world.slack.events.verify_url()


async def test_words_and_buttons_that_nobody_knows_get_a_kind_answer(
    a_world: World, ada: Person
) -> None:
    answer = await post(a_world, command(a_world, ada, command="/other"))
    assert answer.status_code == 200
    assert "name the reference" in answer.json()["text"]

    await choose_plan(ada, "Business")
    await enter_token(ada, "no token")
    payloads = [p for p in sent_payloads(a_world) if p.get("type") == "view_submission"]
    unknown = payloads[-1]
    unknown["view"]["callback_id"] = "from_another_age"
    answer = await post_payload(a_world, unknown)
    assert answer.status_code == 200
    (said,) = answer.json()["errors"].values()
    assert "name the reference" in said

    press = next(p for p in sent_payloads(a_world) if p.get("type") == "block_actions")
    press["actions"][0]["action_id"] = "from_another_age"
    press.pop("view", None)
    assert (await post_payload(a_world, press)).status_code == 200
    await soon(lambda: any("name the reference" in m.visible_text for m in ada.messages()))


def paths(value: object, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to each value in a JSON document."""
    inside: list[tuple[Any, ...]] = [above] if above else []
    items: dict[Any, Any] = value if isinstance(value, dict) else {}
    items = dict(enumerate(value)) if isinstance(value, list) else items
    for key, child in items.items():
        inside += paths(child, (*above, key))
    return inside


def changed(payload: dict[str, Any], path: tuple[Any, ...], value: object) -> dict[str, Any]:
    made = copy.deepcopy(payload)
    place: Any = made
    for step in path[:-1]:
        place = place[step]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return made


GONE = object()
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)


@dataclass(frozen=True)
class Walked:
    """A world, and what Slack has posted in it."""

    world: World
    samples: list[dict[str, Any]]


@pytest.fixture
async def walked(a_world: World) -> AsyncIterator[Walked]:
    """A person has walked far enough for one request of each kind."""
    ada = a_world.person("ada")
    await choose_plan(ada, "Business")
    await ada.click("Somebody else must do this")
    await ada.close()
    await ada.close()
    await ada.open_home()
    yield Walked(a_world, sent_payloads(a_world))
    a_world.slack.breaches.clear()  # used triggers, and people who do not exist


@settings(
    max_examples=sized(600, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_whatever_is_wrong_in_a_signed_request_it_is_never_our_error(
    walked: Walked, data: st.DataObject
) -> None:
    world = walked.world
    sample = data.draw(st.sampled_from(walked.samples))
    path = data.draw(st.sampled_from(paths(sample)))
    wrong = changed(sample, path, data.draw(st.just(GONE) | anything))
    if "command" in sample:
        answer = await post(world, urlencode({k: str(v) for k, v in wrong.items()}).encode())
    elif sample["type"] in ("event_callback", "url_verification"):
        answer = await post(world, json.dumps(wrong).encode(), JSON)
    else:
        answer = await post_payload(world, wrong)
    assert answer.status_code in (200, 400)
    assert "Traceback" not in answer.text


@settings(
    max_examples=sized(200, 20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=anything)
async def test_any_json_at_all_is_a_bad_request(empty_world: World, body: object) -> None:
    assert (await post(empty_world, json.dumps(body).encode(), JSON)).status_code == 400
    assert (await post_payload(empty_world, body)).status_code == 400


async def test_metrics_count_by_kind_and_outcome_and_name_nobody(
    a_world: World, ada: Person
) -> None:
    await post(a_world, b"text=hello")
    await post(a_world, command(a_world, ada), age=999)
    await choose_plan(ada, "Business")
    await enter_token(ada, "no token")

    async def counted() -> dict[tuple[str, ...], float]:
        shown = await scraped(a_world)
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(shown)
            for sample in family.samples
        }

    found = await counted()
    assert found["bot_slack_requests_total", "command", "ok"] == 1
    assert found["bot_slack_requests_total", "view_submission", "ok"] == 1
    assert found["bot_slack_requests_total", "unknown", "malformed"] == 1
    assert found["bot_slack_requests_total", "unknown", "unsigned"] == 1
    assert found["bot_slack_request_seconds_count", "command"] == 1
    assert found["bot_outbox_messages", "welcome", "dead"] == 0
    labels = {text for name, *texts in found for text in texts}
    assert not [text for text in labels if ada.user.id in text or ACME.id in text]
    sent = "bot_messages_total", "card", "sent"
    assert await soon(lambda: _above(counted, sent)) >= 1


async def _above(counted: Any, name: tuple[str, ...]) -> float:
    return float((await counted()).get(name, 0.0))
