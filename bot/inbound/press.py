"""What somebody sends, and one method for each way of answering it in Slack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.inbound.answers import argument_of
from bot.inbound.forms import is_third, pressed_in, set_up_of
from bot.inbound.in_order import InOrder
from bot.outbound.clients import post_response
from bot.outbound.errors import ErrorClass, error_name, tolerated
from bot.views.kit.message import Rendered, keep_place, named_as
from bot.views.people.status import expired_trigger_message
from flows.setup.submission import Ref

PRESS = "press"  # listeners get it under this name
_CLOSED = frozenset({"not_found", "view_not_found"})
_FULL = "push_limit_reached"  # pressed twice: what the first press brought is on top
_TOO_LATE = frozenset(
    {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired"}
)


@dataclass(frozen=True, slots=True)
class Press:
    """A button, a menu, a window, a shortcut or a command: `body`, as Slack posts it, and the
    `client` that speaks for the installation. `in_order` knows which modals show a later answer.
    """

    body: Mapping[str, Any]
    client: AsyncWebClient
    in_order: InOrder = field(default_factory=InOrder)

    @property
    def view(self) -> Mapping[str, Any]:
        """The window or Home where it was. Empty if it was anywhere else."""
        return self.body.get("view") or {}

    @property
    def modal(self) -> Mapping[str, Any]:
        """The window where it was. Empty if it was anywhere else."""
        return self.view if self.view.get("type") == "modal" else {}

    @property
    def blocks(self) -> Sequence[Mapping[str, Any]]:
        """Those of the message where it was. Empty if it was anywhere else."""
        return (self.body.get("message") or {}).get("blocks") or ()

    @property
    def value(self) -> str:
        """The value of the button that was pressed. Empty if it has none."""
        return str(self.body["actions"][0].get("value") or "")

    @property
    def chosen(self) -> str:
        """The value of what was chosen in a menu."""
        return str(self.body["actions"][0]["selected_option"]["value"])

    @property
    def ref(self) -> Ref:
        """The set-up and revision that it names. Raises `NotFound`."""
        return pressed_in(self.body)

    @property
    def user_id(self) -> str:
        return str(self.body.get("user_id") or self.body["user"]["id"])

    # --- windows ----------------------------------------------------------------------------------

    async def open(self, view: View) -> str:
        """Opens a modal and returns its id, empty if Slack does not say. If the trigger has
        expired, it tells the person.
        """
        trigger_id = self.body["trigger_id"]
        try:
            answer = await self.client.views_open(trigger_id=trigger_id, view=argument_of(view))
        except SlackApiError as error:
            if error_name(error) not in _TOO_LATE:
                raise
            await self.tell(expired_trigger_message())
            return ""
        return str((answer.get("view") or {}).get("id") or "")

    async def push(self, view: View) -> None:
        """Puts a modal on top of the one that holds the button, unless that is closed by now.

        Slack has room for three. So it takes the place of the third.
        """
        if is_third(self.view):
            await self.update(view)
            return
        trigger_id = self.body["trigger_id"]
        try:
            await self.client.views_push(trigger_id=trigger_id, view=argument_of(view))
        except SlackApiError as error:
            name = error_name(error)
            if name in _TOO_LATE:
                await self.tell(expired_trigger_message())
            elif name not in (*_CLOSED, _FULL):
                raise

    async def over(self, view: View) -> None:
        """Shows a modal on top of the one that holds the button, or else alone."""
        await (self.push(view) if self.modal else self.open(view))

    async def here(self, view: View) -> None:
        """Shows a modal in place of the one that holds the button, or else alone."""
        await (self.update(view) if self.modal else self.open(view))

    async def update(self, view: View, view_id: str = "") -> None:
        """Draws into the modal that holds the button, or into another that is open, unless its
        reader has gone on. One that is closed by now is no failure.
        """
        await self._update(view, view_id or self.view["id"])

    async def update_late(self, view: View, opened: Mapping[str, Any] | None = None) -> None:
        """Draws into the modal that holds the button, or into the one that it opened, after a
        question to Segment: meanwhile others may have drawn it, in whatever process. One that shows
        something else by now has lost its name.
        """
        shown = opened or self.view
        await self._update(view, shown["id"], str(shown.get("external_id") or ""))

    async def _update(self, view: View, view_id: str, external_id: str = "") -> None:
        if not self.in_order.takes(view_id):
            return
        place = {"external_id": external_id} if external_id else {"view_id": view_id}
        try:
            await self.client.views_update(view=argument_of(view), **place)
        except SlackApiError as error:
            if error_name(error) not in _CLOSED:
                raise

    # --- messages ---------------------------------------------------------------------------------

    async def reply(self, rendered: Rendered, *, replace: bool = False) -> bool:
        """Answers only the person, where they pressed or typed, and returns whether Slack took it.

        Slack gives no address for that in windows that ask for none, and on Home.
        """
        several = self.body.get("response_urls") or [{}]
        address = self.body.get("response_url") or several[0].get("response_url")
        if not address:
            return False
        message = {
            "text": rendered.text,
            "blocks": [block.to_dict() for block in rendered.blocks],
            "response_type": "ephemeral",
            "replace_original": replace,
        }
        return await post_response(self.client, str(address), message)

    async def tell(self, rendered: Rendered) -> None:
        """Answers only the person, where they pressed or typed, or else by direct message."""
        said = answering(rendered, self.body)
        if not await self.reply(said):
            text, blocks = said.text, said.blocks
            await self.client.chat_postMessage(channel=self.user_id, text=text, blocks=blocks)

    async def redraw(self, rendered: Rendered) -> None:
        """Draws the message that holds the button anew. Home is redrawn by itself."""
        said = answering(rendered, self.body)
        if not await self.reply(said, replace=True) and self.body.get("message"):
            await self._edit(said.text, said.blocks)

    @property
    def is_on_a_line(self) -> bool:
        """Whether the button stood beside a line of a message, not below it."""
        return any(map(self._is_beside, self.blocks))

    async def take_button_off(self, said: str) -> None:
        """Redraws the line of a message whose button was pressed: what it was about is over."""
        if self.is_on_a_line:
            text = str(self.body["message"].get("text") or "")
            drawn = [_over(each, said) if self._is_beside(each) else each for each in self.blocks]
            await self._edit(text, drawn)

    def _is_beside(self, block: Mapping[str, Any]) -> bool:
        beside, pressed = block.get("accessory") or {}, self.body["actions"][0]
        return bool(beside) and all(
            beside.get(part) == pressed.get(part) for part in ("action_id", "value")
        )

    async def _edit(self, text: str, blocks: Sequence[Any]) -> None:
        """Edits the message that holds the button, unless it is gone."""
        channel, ts = self.body["channel"]["id"], self.body["message"]["ts"]
        with tolerated(ErrorClass.STALE):
            await self.client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)


def answering(rendered: Rendered, body: Mapping[str, Any]) -> Rendered:
    """The answer to a press: about the same set-up, and in the same Slack workspace."""
    rendered = keep_place(rendered, (body.get("message") or {}).get("blocks") or ())
    ref = set_up_of(body)
    return named_as(rendered, f"{ref.integration_id}@{ref.generation}") if ref else rendered


def _over(block: Mapping[str, Any], said: str) -> dict[str, Any]:
    kept = {key: value for key, value in block.items() if key != "accessory"}
    return {**kept, "text": {**block["text"], "text": f"{block['text']['text']}\n{said}"}}
