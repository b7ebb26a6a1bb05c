"""Commands, shortcuts, messages with buttons, response_url."""

import asyncio
from typing import Any

import pytest

from playground.slack.typing_in import NotVisible
from tests.playground.slack_app import Bench, bench, manifest
from tests.playground.slack_blocks import CONFIRM, OPTIONS, actions, button, plain, section

Json = dict[str, Any]


async def test_command_payload_and_private_answer(slack: Bench) -> None:
    bodies: list[Json] = []

    @slack.app.command("/small")
    async def answer(ack: Any, body: Any) -> None:
        bodies.append(body)
        await ack("Only for *you*")

    await slack.ada.command("/small  status  now", channel="#data")
    (body,) = bodies
    assert body["text"] == "status  now"
    assert (body["channel_name"], body["user_name"], body["team_domain"]) == ("data", "ada", "acme")
    (message,) = slack.ada.messages("data")
    assert (message.text, message.is_ephemeral) == ("Only for you", True)
    assert slack.world.person("grace").messages("data") == []
    slack.world.breach_free()


async def test_answer_to_everybody_with_blocks(slack: Bench) -> None:
    @slack.app.command("/small")
    async def answer(ack: Any) -> None:
        await ack(response_type="in_channel", text="Hello", blocks=[section("Hello *all*")])

    await slack.ada.command("/small")
    (message,) = slack.world.person("grace").messages("general")
    assert message.visible_text == "Hello all"
    with pytest.raises(NotVisible):
        slack.world.person("mira").messages("data")


async def test_command_that_nobody_declared(slack: Bench) -> None:
    await slack.ada.command("/other")
    await slack.world.person("mira").command("/small")
    assert slack.ada.notices == ["/other is not a valid command"]
    assert slack.world.person("mira").notices == ["/small is not a valid command"]
    assert list(slack.world.traffic) == []


async def test_acknowledgement_that_comes_too_late() -> None:
    async with bench(ack_limit=0.05) as slack:
        finished = asyncio.Event()

        @slack.app.command("/small")
        async def late(ack: Any) -> None:
            await asyncio.sleep(0.2)
            await ack("too late")
            finished.set()

        await slack.ada.command("/small")
        assert slack.ada.notices == ["operation_timeout"]
        assert slack.breaches() == ["operation_timeout"]
        await finished.wait()  # the app is not interrupted, but its answer has no effect
        assert slack.ada.messages("general") == []


async def test_command_without_listener_and_with_a_crash(slack: Bench) -> None:
    await slack.ada.command("/small")

    @slack.app.command("/small")
    async def crash(ack: Any) -> None:
        raise ValueError("broken")

    await slack.ada.command("/small")
    assert slack.ada.notices == ["http_client_error", "http_service_error"]
    assert slack.breaches() == ["http_client_error", "http_service_error"]


async def test_answer_that_slack_refuses(slack: Bench) -> None:
    @slack.app.command("/small")
    async def answer(ack: Any) -> None:
        await ack(text="Text", blocks=[section("")])

    await slack.ada.command("/small")
    assert slack.ada.notices == ["dispatch_failed"]
    assert slack.breaches() == ["invalid_blocks"]


async def test_names_in_a_command_that_escapes() -> None:
    declared = manifest()
    declared["features"]["slash_commands"][0]["should_escape"] = True
    async with bench(declared) as slack:
        texts: list[str] = []

        @slack.app.command("/small")
        async def note(ack: Any, body: Any) -> None:
            texts.append(body["text"])
            await ack()

        await slack.ada.command("/small @grace in #data or @nobody")
        assert texts == ["<@U0ACMEGRACE|grace> in <#C0ACMEDATA1|data> or @nobody"]


async def test_shortcuts(slack: Bench) -> None:
    seen: list[Json] = []

    @slack.app.shortcut("small")
    @slack.app.shortcut("about")
    async def note(ack: Any, body: Any) -> None:
        seen.append(body)
        await ack()

    said = await slack.ada.say("general", "Look & see")
    await slack.ada.shortcut("small")
    await slack.ada.shortcut("about", said)
    await slack.ada.shortcut("about")
    assert [b["type"] for b in seen] == ["shortcut", "message_action"]
    assert seen[1]["message"]["text"] == "Look &amp; see"
    assert seen[1]["channel"]["name"] == "general"
    assert slack.ada.notices == ["there is no global shortcut about"]


async def test_buttons_selects_and_menus_in_a_message(slack: Bench) -> None:
    select = {
        "type": "static_select",
        "action_id": "pick",
        "options": OPTIONS,
        "placeholder": plain("Snooze"),
    }
    menu = {"type": "overflow", "action_id": "more", "options": OPTIONS}
    sure = button("Delete", "delete", value="7", confirm=CONFIRM)
    link = button("Open", "open", url="https://example.com/there")
    blocks = [actions(sure, link, select, menu, block_id="row")]
    await slack.client().chat_postMessage(channel=slack.ada.user.id, text="Act", blocks=blocks)
    seen: list[Json] = []

    for action_id in ("delete", "open", "pick", "more"):

        @slack.app.action(action_id)
        async def note(ack: Any, body: Any) -> None:
            seen.append(body)
            await ack()

    await slack.ada.click("Delete", confirm=False)
    assert seen == []
    await slack.ada.click("Delete")
    await slack.ada.click("Open")
    await slack.ada.click("Snooze", option="Two")
    await slack.ada.click("more", option="One")
    first, _, third, fourth = (body["actions"][0] for body in seen)
    assert (first["value"], first["block_id"], first["text"]["text"]) == ("7", "row", "Delete")
    assert slack.ada.opened_links == ["https://example.com/there"]
    assert third["selected_option"]["value"] == "two"
    assert seen[3]["state"]["values"]["row"]["pick"]["selected_option"]["value"] == "two"
    assert fourth["selected_option"]["value"] == "one"
    assert seen[0]["container"]["is_ephemeral"] is False
    assert seen[0]["message"]["ts"] == seen[0]["container"]["message_ts"]
    slack.world.breach_free()


async def test_response_url_of_a_message(slack: Bench) -> None:
    blocks = [actions(button("Done", "done"))]
    await slack.client().chat_postMessage(channel=slack.ada.user.id, text="Do", blocks=blocks)

    @slack.app.action("done")
    async def replace(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="Done already", replace_original=True)

    await slack.ada.click("Done")
    await slack.ada.wait_for(lambda: slack.ada.messages()[0].is_edited)
    (message,) = slack.ada.messages()
    assert (message.text, message.buttons) == ("Done already", [])
    slack.world.breach_free()


async def test_response_url_works_five_times_in_half_an_hour(slack: Bench) -> None:
    urls: list[str] = []

    @slack.app.command("/small")
    async def keep(ack: Any, body: Any) -> None:
        urls.append(body["response_url"])
        await ack()

    await slack.ada.command("/small")
    await slack.ada.command("/small")
    answers = [await slack.http.post(urls[0], json={"text": f"{n}"}) for n in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [404]
    assert answers[-1].text == "used_url"
    slack.world.core.clock.advance(30 * 60 + 1)
    assert (await slack.http.post(urls[1], json={"text": "late"})).text == "expired_url"
    assert len(slack.ada.messages("general")) == 5


async def test_response_url_replaces_and_deletes_what_it_said(slack: Bench) -> None:
    urls: list[str] = []

    @slack.app.command("/small")
    async def keep(ack: Any, body: Any) -> None:
        urls.append(body["response_url"])
        await ack("Working")

    await slack.ada.command("/small")
    await slack.http.post(urls[0], json={"text": "Ready", "replace_original": True})
    assert [m.text for m in slack.ada.messages("general")] == ["Ready"]
    await slack.http.post(urls[0], json={"delete_original": True})
    assert slack.ada.messages("general") == []
    for body in ({"text": "x", "colour": 1}, {"text": "x", "response_type": "shout"}, {}):
        assert (await slack.http.post(urls[0], json=body)).status_code in (400, 404)
    assert slack.breaches() == ["invalid_payload", "invalid_payload", "no_text"]


async def test_ephemeral_message_has_no_message_in_its_payload(slack: Bench) -> None:
    bodies: list[Json] = []

    @slack.app.command("/small")
    async def answer(ack: Any) -> None:
        await ack(text="Choose", blocks=[actions(button("Go", "go"))])

    @slack.app.action("go")
    async def note(ack: Any, body: Any) -> None:
        bodies.append(body)
        await ack()

    await slack.ada.command("/small")
    await slack.ada.click("Go")
    assert "message" not in bodies[0]
    assert bodies[0]["container"]["is_ephemeral"] is True
    assert bodies[0]["response_url"].startswith(slack.address)


async def test_interaction_answered_with_a_body(slack: Bench) -> None:
    blocks = [actions(button("Go", "go"))]
    await slack.client().chat_postMessage(channel=slack.ada.user.id, text="Go", blocks=blocks)

    @slack.app.action("go")
    async def answer(ack: Any) -> None:
        await ack("thanks")

    await slack.ada.click("Go")
    assert slack.breaches() == ["unexpected_body"]
