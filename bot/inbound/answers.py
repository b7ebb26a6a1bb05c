"""Turns the result of a use case into an answer to Slack: one function per way of answering."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.inbound.at_rest import AtRest, argument_of
from bot.inbound.forms import Form, fresh_nonce, is_third, set_up_of
from bot.outbound.clients import post_response
from bot.outbound.errors import ErrorClass, error_name, tolerated
from bot.views.kit.message import Rendered, keep_place, named_as
from bot.views.kit.wording import error_text
from bot.views.people.dialogs import disconnected_view, progress_view, upgraded_view
from bot.views.people.managing import refused_view
from bot.views.people.said import ended_view, said_view
from bot.views.people.status import expired_trigger_message
from bot.views.setup.entry import TYPED_HERE, Entry, link_view
from bot.views.setup.screen import step_view
from flows.checks.coverage import wants_figures
from flows.errors import FieldError
from flows.model import Screen
from flows.setup.results import (
    AskDay,
    Done,
    Ended,
    Finished,
    Mistakes,
    NotYours,
    Result,
    ShowLink,
    ShowProgress,
    ShowStep,
)

_FILLED = frozenset({Screen.REPLAY, Screen.REPLAY_PREVIEW})  # with Segment's figures
_CLOSED = frozenset({"not_found", "view_not_found"})
_FULL = "push_limit_reached"  # pressed twice: what the first press brought is on top
_TOO_LATE = frozenset(
    {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired"}
)


Follow = Callable[[ShowStep, Callable[[ShowStep], View]], ShowStep]


def _as_it_is(shown: ShowStep, _draw: Callable[[ShowStep], View]) -> ShowStep:
    """Where nothing is filled in later."""
    return shown


class Answers:
    """Draws results. `entry` says where secrets are typed.

    `takes_secrets`: Toplyne can be given a token, as its step then says. `follow` fills in the form
    and the preview of a Replay once Segment has answered.
    """

    def __init__(
        self,
        poll_interval: timedelta,
        follow: Follow = _as_it_is,
        *,
        takes_secrets: bool,
        entry: Entry = TYPED_HERE,
    ) -> None:
        self._follow = follow
        self._entry = entry
        self._step_view = partial(
            step_view,
            takes_secrets=takes_secrets,
            entry=entry,
            poll_interval=poll_interval,
        )
        self.at_rest = AtRest(self._step_view)

    def view(self, result: Result, nonce: str = "") -> View:
        match result:
            case ShowStep(screen, situation) if screen in _FILLED and wants_figures(situation):
                return self._step_view(self._follow(result, self._step_view), nonce=nonce)
            case ShowStep(screen=screen):
                unnamed = screen is Screen.LIVE_SYNC and not result.window
                shown = self._follow(result, self._step_view) if unnamed else result
                kept = None if nonce else self.at_rest.view(shown)
                return kept or self._step_view(shown, nonce=nonce)
            case ShowProgress():
                return progress_view(result)
            case ShowLink():
                return link_view(result, self._entry)
            case AskDay():
                return upgraded_view(result.situation)
            case Finished():
                return disconnected_view(result.left)
            case Ended():
                return ended_view(result.situation)
            case NotYours(situation, screen):
                return refused_view(situation, screen)
            case Done():
                return said_view(result)
            case Mistakes():
                raise ValueError("mistakes stand beside their fields")

    async def submission(
        self, ack: AsyncAck, view: Mapping[str, Any], result: Result, screen: Screen | None = None
    ) -> None:
        """Shows errors beside their fields if the screen stays the same, else the next view."""
        errors: tuple[FieldError, ...] = ()
        if isinstance(result, Mistakes) or (
            isinstance(result, ShowStep) and result.screen is screen
        ):
            errors = result.errors
        offers = any("held" in error.params for error in errors)  # a button: it needs a new screen
        if errors and not offers and (beside := beside_fields(view, errors)):
            await ack(response_action="errors", errors=beside)
            return
        await ack(response_action="update", view=self.view(result, fresh_nonce(view)))

    async def open(
        self, client: AsyncWebClient, respond: AsyncRespond, body: Mapping[str, Any], view: View
    ) -> str:
        """Opens a modal and returns its id, empty if Slack does not say. If the trigger has
        expired, it tells the person.
        """
        try:
            answer = await client.views_open(trigger_id=body["trigger_id"], view=argument_of(view))
        except SlackApiError as error:
            if error_name(error) not in _TOO_LATE:
                raise
            await tell(client, respond, body, expired_trigger_message())
            return ""
        return str((answer.get("view") or {}).get("id") or "")

    async def push(
        self, client: AsyncWebClient, respond: AsyncRespond, body: Mapping[str, Any], view: View
    ) -> None:
        """Puts a modal on top of the one that holds the button, unless that is closed by now.

        Slack has room for three. So it takes the place of the third.
        """
        if is_third(body.get("view") or {}):
            await update_view(client, body["view"]["id"], view)
            return
        try:
            await client.views_push(trigger_id=body["trigger_id"], view=argument_of(view))
        except SlackApiError as error:
            name = error_name(error)
            if name in _TOO_LATE:
                await tell(client, respond, body, expired_trigger_message())
            elif name not in (*_CLOSED, _FULL):
                raise

    async def over(
        self, client: AsyncWebClient, respond: AsyncRespond, body: Mapping[str, Any], view: View
    ) -> None:
        """Shows a modal on top of the one that holds the button, or else alone."""
        if (body.get("view") or {}).get("type") == "modal":
            await self.push(client, respond, body, view)
        else:
            await self.open(client, respond, body, view)

    async def here(
        self, client: AsyncWebClient, respond: AsyncRespond, body: Mapping[str, Any], view: View
    ) -> None:
        """Shows a modal in place of the one that holds the button, or else alone."""
        pressed_in = body.get("view") or {}
        if pressed_in.get("type") == "modal":
            await update_view(client, pressed_in["id"], view)
        else:
            await self.open(client, respond, body, view)

    async def update(self, client: AsyncWebClient, view_id: str, result: Result) -> None:
        """Draws a result into an open modal. A modal that is closed by now is no failure."""
        await update_view(client, view_id, self.view(result))

    async def update_late(
        self, client: AsyncWebClient, pressed: Mapping[str, Any], result: Result
    ) -> None:
        """The same after a question to Segment, while others may draw the modal and its reader go
        on. One that shows something else by now has lost its name, so nobody is thrown back.
        """
        if name := pressed.get("external_id"):
            await update_view(client, "", self.view(result), external_id=name)
        else:
            await self.update(client, pressed["id"], result)


async def update_view(
    client: AsyncWebClient, view_id: str, view: View, *, external_id: str = ""
) -> None:
    place = {"external_id": external_id} if external_id else {"view_id": view_id}
    try:
        await client.views_update(view=argument_of(view), **place)
    except SlackApiError as error:
        if error_name(error) not in _CLOSED:
            raise


def beside_fields(view: Mapping[str, Any], errors: tuple[FieldError, ...]) -> dict[str, str] | None:
    """Returns texts by block id, or None if an error's field has no input in this view."""
    form = Form(view)
    found: dict[str, str] = {}
    for error in errors:
        block_id = form.block_of(error.field)
        if block_id is None:
            return None
        found.setdefault(block_id, error_text(error))
    return found


def answering(rendered: Rendered, body: Mapping[str, Any]) -> Rendered:
    """The answer to a press: about the same set-up, and in the same Slack workspace."""
    rendered = keep_place(rendered, (body.get("message") or {}).get("blocks") or ())
    ref = set_up_of(body)
    return named_as(rendered, f"{ref.integration_id}@{ref.generation}") if ref else rendered


async def reply(
    client: AsyncWebClient, respond: AsyncRespond, rendered: Rendered, *, replace: bool = False
) -> bool:
    """Answers only the person, where they pressed or typed, and returns whether Slack took it."""
    if not respond.response_url:
        return False
    message = {
        "text": rendered.text,
        "blocks": [block.to_dict() for block in rendered.blocks],
        "response_type": "ephemeral",
        "replace_original": replace,
    }
    return await post_response(client, respond.response_url, message)


async def take_button_off(client: AsyncWebClient, body: Mapping[str, Any], said: str) -> None:
    """Redraws the line of a message whose button was pressed: what it was about is over."""
    pressed, message = body["actions"][0], body.get("message") or {}
    if not on_a_line(body):
        return
    blocks = [
        _over(block, said) if _is_pressed(block, pressed) else block for block in message["blocks"]
    ]
    await _edit(client, body, str(message.get("text") or ""), blocks)


def on_a_line(body: Mapping[str, Any]) -> bool:
    """Whether the button stood beside a line of a message, not below it."""
    pressed, message = body["actions"][0], body.get("message") or {}
    return any(_is_pressed(block, pressed) for block in message.get("blocks") or ())


def _is_pressed(block: Mapping[str, Any], pressed: Mapping[str, Any]) -> bool:
    beside = block.get("accessory") or {}
    return bool(beside) and all(
        beside.get(part) == pressed.get(part) for part in ("action_id", "value")
    )


def _over(block: Mapping[str, Any], said: str) -> dict[str, Any]:
    kept = {key: value for key, value in block.items() if key != "accessory"}
    return {**kept, "text": {**block["text"], "text": f"{block['text']['text']}\n{said}"}}


async def tell(
    client: AsyncWebClient, respond: AsyncRespond, body: Mapping[str, Any], rendered: Rendered
) -> None:
    """Answers only the person, where they pressed or typed, or else by direct message."""
    rendered = answering(rendered, body)
    if not await reply(client, respond, rendered):
        user_id = body.get("user_id") or body["user"]["id"]
        await client.chat_postMessage(channel=user_id, text=rendered.text, blocks=rendered.blocks)


async def redraw(
    client: AsyncWebClient, respond: AsyncRespond, body: Mapping[str, Any], rendered: Rendered
) -> None:
    """Draws the message that holds the pressed button anew. Home is redrawn by itself."""
    rendered = answering(rendered, body)
    if not await reply(client, respond, rendered, replace=True) and body.get("message"):
        await _edit(client, body, rendered.text, rendered.blocks)


async def _edit(
    client: AsyncWebClient, body: Mapping[str, Any], text: str, blocks: Sequence[Any]
) -> None:
    """Edits the message that holds the pressed button, unless it is gone."""
    channel, ts = body["channel"]["id"], body["message"]["ts"]
    with tolerated(ErrorClass.STALE):
        await client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
