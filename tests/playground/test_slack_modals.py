"""Modals: from a command to a direct message, errors, stacks, values that stay."""

from typing import Any

from tests.playground.slack_app import Bench
from tests.playground.slack_blocks import modal, text_input


async def test_command_modal_submission_and_direct_message(slack: Bench) -> None:
    @slack.app.command("/small")
    async def open_modal(ack: Any, body: Any, client: Any) -> None:
        await client.views_open(
            trigger_id=body["trigger_id"],
            view=modal(text_input("Your name", "name"), callback_id="hello"),
        )
        await ack()

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
