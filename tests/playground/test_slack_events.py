"""Events, their retries, Home, and the faults that tests can ask for."""

import asyncio
import json
from operator import itemgetter
from typing import Any

import aiohttp
import httpx
import pytest
from slack_sdk.errors import SlackApiError

from playground.sample import ACME
from playground.slack.faults import Cut, Fault
from playground.slack.typing_in import NotVisible
from tests.playground.slack_app import Bench, bench, manifest
from tests.playground.slack_blocks import actions, button, home, section

Json = dict[str, Any]
ADA = "U0ACMEADA01"


async def test_opening_home(slack: Bench) -> None:
    bodies: list[Json] = []

    @slack.app.event("app_home_opened")
    async def publish(body: Any, client: Any) -> None:
        bodies.append(body)
        view = home(section("Hello"), actions(button("Go", "go")))
        await client.views_publish(user_id=body["event"]["user"], view=view)

    @slack.app.action("go")
    async def go(ack: Any, body: Any) -> None:
        bodies.append(body)
        await ack()

    await slack.ada.open_home()
    await slack.ada.wait_for(lambda: slack.ada.home)
    await slack.ada.click("Go")
    event, action = bodies
    assert event["authorizations"][0]["team_id"] == event["team_id"] == "T0ACME00001"
    assert event["event_id"].startswith("Ev")
    assert "view" not in event["event"]
    assert action["view"]["type"] == "home"
    await slack.ada.open_home()
    assert bodies[2]["event"]["view"]["id"] == action["view"]["id"]
    await slack.ada.open_home("messages")
    assert bodies[3]["event"]["tab"] == "messages"
    assert "view" not in bodies[3]["event"]
    slack.world.breach_free()


async def test_message_to_the_app(slack: Bench) -> None:
    events: list[Json] = []

    @slack.app.event("message")
    async def note(event: Any) -> None:
        events.append(event)

    await slack.ada.say(None, "Help me <now>")
    await slack.ada.say("general", "Nobody listens")
    await slack.call("chat.postMessage", channel=ADA, text="From the app")
    await slack.world.events.settle()
    (event,) = events  # Bolt ignores the app's own messages
    assert (event["channel_type"], event["text"]) == ("im", "Help me &lt;now&gt;")
    assert len([e for e in slack.world.traffic if b"From the app" in e.request]) == 2
    slack.world.breach_free()


async def test_read_only_direct_messages() -> None:
    declared = manifest()
    declared["features"]["app_home"]["messages_tab_read_only_enabled"] = True
    async with bench(declared) as slack:
        with pytest.raises(NotVisible, match="does not let people write"):
            await slack.ada.say(None, "Hello?")


async def test_only_subscribed_events_are_sent() -> None:
    declared = manifest()
    declared["settings"]["event_subscriptions"]["bot_events"] = ["app_home_opened"]
    async with bench(declared) as slack:
        await slack.ada.say(None, "Hello?")
        await slack.world.uninstall("T0ACME00001")
        assert [e for e in slack.world.traffic if e.direction == "to_app"] == []


async def test_only_what_the_installation_may_hear_is_sent(slack: Bench) -> None:
    slack.world.installations[ACME.id].scopes.remove("im:history")
    await slack.ada.say(None, "Hello?")
    assert [e for e in slack.world.traffic if e.direction == "to_app"] == []


async def test_what_happens_to_a_message_has_a_timestamp_of_its_own(slack: Bench) -> None:
    sent = await slack.call("chat.postMessage", channel=ADA, text="Hi")
    where = {"channel": sent["channel"], "ts": sent["ts"]}
    await slack.call("chat.update", **where, text="Hello")
    await slack.call("chat.delete", **where)
    await slack.world.events.settle()
    bodies = [json.loads(e.request) for e in slack.world.traffic if e.direction == "to_app"]
    _, changed, deleted = sorted((body["event"] for body in bodies), key=itemgetter("ts"))
    assert (changed["subtype"], deleted["subtype"]) == ("message_changed", "message_deleted")
    assert changed["hidden"]
    assert deleted["hidden"]
    assert changed["message"]["ts"] == deleted["deleted_ts"] == sent["ts"] < changed["ts"]


async def test_event_is_sent_again_until_it_is_taken(slack: Bench) -> None:
    tries: list[tuple[str, str | None]] = []

    @slack.app.middleware
    async def fail_twice(req: Any, resp: Any, next: Any) -> Any:
        event_id, number = req.body["event_id"], req.headers.get("x-slack-retry-num", [None])[0]
        tries.append((event_id, number))
        if len(tries) < 3:
            resp.status = 503
            return resp
        return await next()

    @slack.app.event("message")
    async def take() -> None:
        pass

    await slack.ada.say(None, "Hello?")
    await slack.world.events.settle()
    assert [number for _, number in tries] == [None, "1", "2"]
    assert len({event_id for event_id, _ in tries}) == 1
    slack.world.breach_free()


async def test_event_that_nobody_takes_is_a_breach(slack: Bench) -> None:
    await slack.ada.say(None, "Hello?")
    await slack.world.events.settle()
    assert slack.breaches() == ["event_not_acknowledged"]
    assert len([e for e in slack.world.traffic if e.direction == "to_app"]) == 4


async def test_duplicated_event(slack: Bench) -> None:
    ids: list[str] = []

    @slack.app.event("message")
    async def note(body: Any) -> None:
        ids.append(body["event_id"])

    slack.world.faults.duplicate_events = 1
    await slack.ada.say(None, "once")
    await slack.ada.say(None, "twice")
    await slack.world.events.settle()
    assert len(ids) == 3
    assert len(set(ids)) == 2


async def test_checks_of_the_request_url(slack: Bench) -> None:
    assert await slack.world.events.verify_url()
    assert await slack.world.events.check_ssl()
    slack.world.breach_free()


async def test_app_that_does_not_listen() -> None:
    async with bench(app_url="http://127.0.0.1:1") as slack:
        slack.world.core.link._http = httpx.AsyncClient(timeout=5)
        await slack.ada.command("/small")
        assert slack.ada.notices == ["dispatch_failed"]
        assert not await slack.world.events.verify_url()


async def test_faults_of_web_api_calls(slack: Bench) -> None:
    client, faults = slack.client(), slack.world.faults
    faults.next_calls("chat.postMessage", Fault.rate_limited(7))
    with pytest.raises(SlackApiError) as limited:
        await client.chat_postMessage(channel=ADA, text="1")
    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "7"
    faults.next_calls("*", Fault(error="internal_error"))
    assert (await slack.call("auth.test"))["error"] == "internal_error"
    faults.next_calls("chat.postMessage", Fault.server_error())
    broken = await slack.http.post(f"{slack.address}/api/chat.postMessage")
    assert (broken.status_code, broken.text[:9]) == (500, "<!doctype")
    assert slack.ada.messages() == []
    faults.next_calls("chat.postMessage", Fault(hang=0.01))
    await client.chat_postMessage(channel=ADA, text="2")
    faults.next_calls("chat.postMessage", Fault(cut=Cut.IN_BODY))
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=ADA, text="3")
    assert [m.text for m in slack.ada.messages()] == ["2", "3"]
    faults.next_calls("chat.postMessage", Fault(lacks=("ts",)))
    incomplete = await client.chat_postMessage(channel=ADA, text="4")
    assert (incomplete["ok"], incomplete.get("ts")) == (True, None)
    faults.next_calls("auth.test", Fault.rate_limited("soon"))
    odd = await slack.http.post(f"{slack.address}/api/auth.test")
    assert (odd.status_code, odd.headers["retry-after"]) == (429, "soon")
    slack.world.breach_free()


async def test_faults_of_a_response_url() -> None:
    async with bench() as slack:
        answers: list[int] = []

        @slack.app.command("/small")
        async def answer(ack: Any, respond: Any) -> None:
            await ack()
            answers.append((await respond("Hello")).status_code)

        slack.world.faults.next_calls("response_url", Fault.server_error(503))
        await slack.ada.command("/small")
        await slack.ada.wait_for(lambda: answers == [503])
        await slack.ada.command("/small")
        await slack.ada.wait_for(lambda: answers == [503, 200])
        slack.world.breach_free()


async def test_acknowledgement_that_takes_its_time() -> None:
    async with bench(ack_limit=0.5) as slack:

        @slack.app.command("/small")
        async def answer(ack: Any) -> None:
            await ack("Hello")

        slack.world.faults.ack_delay = 1.0
        await slack.ada.command("/small")
        slack.world.faults.clear()
        assert slack.ada.notices == ["operation_timeout"]
        await slack.ada.command("/small")
        assert [m.text for m in slack.ada.messages("general")] == ["Hello"]


async def test_app_that_crashes_inside_of_this_process(slack: Bench) -> None:
    async def crash(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ValueError("broken")

    slack.world.core.link._http = httpx.AsyncClient(transport=httpx.ASGITransport(crash))
    await slack.ada.say(None, "Hello?")
    await slack.world.events.settle()
    assert slack.breaches() == ["app_crashed"]
    with pytest.raises(ValueError, match="broken"):
        await slack.ada.command("/small")


async def test_message_whose_answer_comes_late(slack: Bench) -> None:
    slack.world.faults.next_calls("chat.postMessage", Fault(late=30))
    sending = asyncio.create_task(slack.call("chat.postMessage", channel=ADA, text="Hi"))
    await slack.ada.wait_for(slack.ada.messages)
    assert not sending.done()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def test_lost_acknowledgement() -> None:
    async with bench(ack_limit=0.05) as slack:
        reached = asyncio.Event()

        @slack.app.command("/small")
        async def answer(ack: Any) -> None:
            await ack("Hello")
            reached.set()

        slack.world.faults.lost_acks = 1
        await slack.ada.command("/small")
        await reached.wait()
        assert slack.ada.notices == ["operation_timeout"]
        assert slack.ada.messages("general") == []
