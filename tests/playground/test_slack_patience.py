"""A patient person waits for what they press or type into, and then says what is missing."""

import asyncio
from typing import Any

import pytest

from playground.slack.typing_in import NotVisible
from tests.playground.slack_app import Bench
from tests.playground.slack_blocks import modal, text_input

PATIENT = 60.0  # seconds; a bound for a busy machine


async def test_the_window_comes_later_than_the_hand(slack: Bench) -> None:
    ready = asyncio.Event()

    @slack.app.command("/small")
    async def open_late(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await ready.wait()
        view = modal(text_input("Your name", "name"), callback_id="hello")
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @slack.app.view("hello")
    async def greet(ack: Any, body: Any, view: Any, client: Any) -> None:
        await ack()
        name = view["state"]["values"]["name"]["value"]["value"]
        await client.chat_postMessage(channel=body["user"]["id"], text=f"Hello {name}")

    slack.ada.patience = PATIENT
    await slack.ada.command("/small")
    slack.ada.fill("Your name", "Ada")
    pressed = asyncio.create_task(slack.ada.submit())
    await asyncio.sleep(0)
    assert not pressed.done()
    ready.set()
    await pressed
    await slack.ada.wait_for(slack.ada.messages)
    assert [m.text for m in slack.ada.messages()] == ["Hello Ada"]


async def test_what_never_comes_is_named(slack: Bench) -> None:
    slack.ada.patience = 0.01
    with pytest.raises(NotVisible, match="no button 'Go on'"):
        await slack.ada.click("Go on")
    slack.ada.fill("Your name", "Ada")
    with pytest.raises(NotVisible, match="no modal open"):
        await slack.ada.settle()
