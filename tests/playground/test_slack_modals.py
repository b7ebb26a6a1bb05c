"""Modals: from a command to a direct message, errors, stacks, values that stay."""

from typing import Any

import pytest

from playground.slack.typing_in import NotVisible
from tests.playground.slack_app import Bench, opens
from tests.playground.slack_blocks import (
    OPTIONS,
    actions,
    button,
    input_block,
    modal,
    option,
    plain,
    section,
    text_input,
)

Json = dict[str, Any]


async def test_command_modal_submission_and_direct_message(slack: Bench) -> None:
    opens(slack, modal(text_input("Your name", "name"), callback_id="hello"))

    @slack.app.view("hello")
    async def greet(ack: Any, body: Any, view: Any, client: Any) -> None:
        await ack()
        name = view["state"]["values"]["name"]["value"]["value"]
        await client.chat_postMessage(channel=body["user"]["id"], text=f"Hello {name}")

    await slack.ada.command("/small")
    assert slack.ada.modal is not None
    assert slack.ada.modal.title == "Small"
    await slack.ada.submit()
    assert slack.ada.modal.errors == {"name": "Please complete this required field."}
    slack.ada.fill("Your name", "Ada")
    await slack.ada.submit()

    await slack.ada.wait_for(slack.ada.messages)
    assert [m.text for m in slack.ada.messages()] == ["Hello Ada"]
    assert slack.ada.modal is None
    slack.world.breach_free()


async def test_errors_beside_fields_keep_what_was_typed(slack: Bench) -> None:
    opens(slack, modal(text_input("A", "a"), text_input("B", "b"), callback_id="two"))

    @slack.app.view("two")
    async def refuse(ack: Any) -> None:
        await ack(response_action="errors", errors={"b": "Not like this"})

    await slack.ada.command("/small")
    slack.ada.fill("a", "first")
    slack.ada.fill("b", "second")
    await slack.ada.submit()
    modal_now = slack.ada.modal
    assert modal_now is not None
    assert modal_now.errors == {"b": "Not like this"}
    assert modal_now.typed["a", "value"]["value"] == "first"
    assert not modal_now.busy
    slack.ada.fill("B", "better")
    assert modal_now.errors == {}
    slack.world.breach_free()


async def test_errors_for_a_block_that_is_no_input(slack: Bench) -> None:
    blocks = [section("Text", block_id="text"), text_input("A", "a")]
    opens(slack, modal(*blocks, callback_id="wrong"))

    @slack.app.view("wrong")
    async def refuse(ack: Any) -> None:
        await ack(response_action="errors", errors={"text": "Nobody can see this"})

    await slack.ada.command("/small")
    slack.ada.fill("a", "x")
    await slack.ada.submit()
    assert slack.breaches() == ["invalid_response"]
    assert slack.ada.notices == ["modal_response_refused"]
    assert slack.ada.modal is not None


async def test_update_keeps_values_of_inputs_whose_ids_stay(slack: Bench) -> None:
    chosen = input_block("Which", "which", {"type": "static_select", "options": OPTIONS})
    start = modal(
        text_input("A", "a"),
        text_input("B", "b"),
        chosen,
        actions(button("More", "more")),
        callback_id="grow",
    )
    opens(slack, start)

    @slack.app.action("more")
    async def grow(ack: Any, body: Any, client: Any) -> None:
        await ack()
        fewer = chosen | {"element": chosen["element"] | {"options": [option("Two")]}}
        blocks = [text_input("A", "a", initial_value="from the app"), text_input("B", "b2"), fewer]
        view = body["view"]
        await client.views_update(view_id=view["id"], hash=view["hash"], view=modal(*blocks))

    await slack.ada.command("/small")
    slack.ada.fill("A", "typed")
    slack.ada.fill("B", "typed too")
    slack.ada.fill("Which", "One")
    await slack.ada.click("More")
    now = await slack.ada.wait_for(lambda: slack.ada.modal and len(slack.ada.modal.blocks) == 3)
    assert now
    assert slack.ada.modal is not None
    assert slack.ada.modal.typed["a", "value"]["value"] == "typed"
    assert slack.ada.modal.typed["b2", "value"]["value"] is None
    assert slack.ada.modal.typed["which", "value"]["selected_option"] is None
    slack.world.breach_free()


async def test_responses_to_a_submission(slack: Bench) -> None:
    opens(slack, modal(section("One"), callback_id="one"))

    @slack.app.view("one")
    async def replace(ack: Any) -> None:
        await ack(response_action="update", view=modal(section("Two"), callback_id="two"))

    @slack.app.view("two")
    async def push(ack: Any) -> None:
        await ack(response_action="push", view=modal(section("Three"), callback_id="three"))

    @slack.app.view("three")
    async def clear(ack: Any) -> None:
        await ack(response_action="clear")

    await slack.ada.command("/small")
    texts = []
    for _ in range(3):
        assert slack.ada.modal is not None
        texts.append(slack.ada.modal.text)
        await slack.ada.submit()
    assert texts == ["One", "Two", "Three"]
    assert slack.ada.modal is None
    slack.world.breach_free()


async def test_answer_with_an_invalid_view(slack: Bench) -> None:
    opens(slack, modal(section("One"), callback_id="one"))

    @slack.app.view("one")
    async def replace(ack: Any) -> None:
        await ack(response_action="update", view=modal(title=plain("x" * 25)))

    await slack.ada.command("/small")
    await slack.ada.submit()
    assert slack.breaches() == ["invalid_arguments"]
    assert slack.ada.modal is not None
    assert slack.ada.modal.text == "One"


async def test_inputs_that_report_at_once(slack: Bench) -> None:
    which = input_block(
        "Which", "which", {"type": "radio_buttons", "options": OPTIONS}, dispatch_action=True
    )
    opens(slack, modal(which, text_input("A", "a")))
    seen: list[Json] = []

    @slack.app.action("value")
    async def note(ack: Any, body: Any) -> None:
        seen.append(body)
        await ack()

    await slack.ada.command("/small")
    slack.ada.fill("A", "typed before")
    await slack.ada.fill("Which", "two")
    assert [a["selected_option"]["value"] for a in seen[0]["actions"]] == ["two"]
    values = seen[0]["view"]["state"]["values"]
    assert values["a"]["value"] == {"type": "plain_text_input", "value": "typed before"}
    assert values["which"]["value"]["selected_option"]["value"] == "two"
    assert seen[0]["container"] == {"type": "view", "view_id": seen[0]["view"]["id"]}
    assert "response_url" not in seen[0]


async def test_search_in_an_external_select(slack: Bench) -> None:
    element = {"type": "multi_external_select", "min_query_length": 2, "max_selected_items": 2}
    opens(slack, modal(input_block("Sources", "sources", element), callback_id="s"))
    chosen: list[Json] = []

    @slack.app.options("value")
    async def offer(ack: Any, payload: Any) -> None:
        await ack(options=[option(f"{payload['value']} {n}") for n in range(3)])

    @slack.app.view("s")
    async def take(ack: Any, view: Any) -> None:
        chosen.extend(view["state"]["values"]["sources"]["value"]["selected_options"])
        await ack()

    await slack.ada.command("/small")
    assert await slack.ada.search("Sources", "w") == []
    assert await slack.ada.search("Sources", "web") == ["web 0", "web 1", "web 2"]
    with pytest.raises(NotVisible, match="no option"):
        slack.ada.fill("Sources", "server")
    with pytest.raises(NotVisible, match="no more"):
        slack.ada.fill("Sources", ["web 0", "web 1", "web 2"])
    slack.ada.fill("Sources", ["web 0", "web 2"])
    await slack.ada.submit()
    assert [o["value"] for o in chosen] == ["web 0", "web 2"]
    slack.world.breach_free()


async def test_options_that_slack_would_not_show(slack: Bench) -> None:
    opens(slack, modal(input_block("S", "s", {"type": "external_select", "min_query_length": 0})))

    @slack.app.options("value")
    async def offer(ack: Any) -> None:
        await ack(options=[option("x" * 76, "v")])

    await slack.ada.command("/small")
    assert await slack.ada.search("S", "") == []
    assert slack.breaches() == ["invalid_options"]


@pytest.mark.parametrize(
    ("element", "typed", "complaint"),
    [
        ({"type": "plain_text_input", "min_length": 3}, "ab", "at least 3"),
        ({"type": "plain_text_input", "max_length": 3}, "abcd", "at most 3"),
        ({"type": "email_text_input"}, "ada", "email"),
        ({"type": "url_text_input"}, "example", "URL"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "number"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "2"}, "2.5", "or less"),
    ],
)
async def test_the_client_complains_before_sending(
    slack: Bench, element: Json, typed: str, complaint: str
) -> None:
    opens(slack, modal(input_block("Field", "field", element), callback_id="never"))
    await slack.ada.command("/small")
    slack.ada.fill("Field", typed)
    await slack.ada.submit()
    assert slack.ada.modal is not None
    assert complaint in slack.ada.modal.errors["field"]
    slack.world.breach_free()


async def test_people_say_what_they_see_instead(slack: Bench) -> None:
    opens(slack, modal(text_input("A", "a"), actions(button("Go on", "go"))))
    with pytest.raises(NotVisible, match="no modal"):
        slack.ada.fill("A", "x")
    await slack.ada.command("/small")
    with pytest.raises(NotVisible, match=r"no input 'B'; here are: \['A \(value\)'\]"):
        slack.ada.fill("B", "x")
    with pytest.raises(NotVisible, match=r"no button 'Stop'.*Go on \(go\)"):
        await slack.ada.click("Stop")
    with pytest.raises(NotVisible, match="nobody is called 'eve'"):
        slack.world.person("eve")
