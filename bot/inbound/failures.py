"""The error handler of interactions: the person gets one sentence, the log gets the reason.

Both carry the same reference id.
"""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.ids import OF_CSMS
from bot.inbound.answers import as_json
from bot.inbound.forms import Form, is_third, pressed_id, words_of
from bot.inbound.press import Press, answering
from bot.inbound.refusals import FAILURE, NoListener, Sentence, refusal_of, sentence
from bot.outbound.errors import UNREACHABLE, error_name
from flows.errors import TooMany

REFERENCE = "REFERENCE"  # where that of one failure belongs
ANSWERED_AT_ONCE = ("command", "view_submission", "view_closed", "block_suggestion")
ACK_SEEN_AFTER = 0.05  # seconds; Bolt looks for an acknowledgement every 10 ms

_log = structlog.get_logger(__name__)


async def handle_failure(error: Exception, ack: AsyncAck, press: Press) -> BoltResponse | None:
    """Answers in the way that the kind of request allows. Never raises."""
    reference = uuid.uuid4().hex[:8]
    try:
        return await _explain(error, ack, press, reference)
    except Exception:  # noqa: BLE001 - behind this nobody is left to catch it
        _log.exception("failure_not_explained", reference=reference)
        return BoltResponse(status=200, body="")


async def handle_failure_in_bolt(
    error: Exception, body: Mapping[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> BoltResponse | None:
    """Answers a failure as Bolt's error handler, which may have acknowledged already."""
    answer = await handle_failure(error, context.ack, Press(body, client))
    if answer is None:
        # When a listener fails, Bolt drops an acknowledgement that it has not noticed yet.
        await asyncio.sleep(ACK_SEEN_AFTER)
    return answer


async def _explain(
    error: Exception, ack: AsyncAck, press: Press, reference: str
) -> BoltResponse | None:
    kind = str(press.body.get("type") or "command")
    _write_down(error, kind, reference)
    if kind == "command" and isinstance(error, BoltUnhandledRequestError | NoListener):
        return await ack(_failed().replace(REFERENCE, reference))
    typed = words_of(press.view)
    said = sentence(error, reference, typed, to_csm=pressed_id(press.body) in OF_CSMS)
    said = replace(said, message=answering(said.message, press.body))
    if ack.response is None:
        if isinstance(error, TooMany) and error.is_known and kind not in ANSWERED_AT_ONCE:
            return BoltResponse(status=200, body="")  # each other answer is a call to Slack
        return await _answer(kind, ack, press, said)
    await _tell(press, said)
    return None


@cache
def _failed() -> str:
    """The answer to a command that nobody listens to, as JSON: anybody can send many of them."""
    return as_json(FAILURE(NoListener(), REFERENCE).message)


def _write_down(error: Exception, kind: str, reference: str) -> None:
    refusal = refusal_of(error)
    about = {"kind": kind, "reference": reference, **refusal.details(error)}
    _log.log(refusal.level, refusal.event, **about)


async def _answer(kind: str, ack: AsyncAck, press: Press, said: Sentence) -> BoltResponse:
    """Answers within the acknowledgement, which is still open."""
    match kind:
        case "command":
            message = said.message
            return await ack(text=message.text, blocks=message.blocks, response_type="ephemeral")
        case "view_submission":
            return await _in_the_form(press.view, ack, said)
        case "view_closed":
            return BoltResponse(status=200, body="")
        case "block_suggestion":
            return await ack(options=[])
    await _tell(press, said)
    return BoltResponse(status=200, body="")


async def _in_the_form(view: Mapping[str, Any], ack: AsyncAck, said: Sentence) -> BoltResponse:
    """Shows it beside the form's first input, so that what was typed stays. A window without input
    stays below; what ends a form takes its place.
    """
    block_id = Form(view).first_block
    stays = not (said.replaces or said.has_button)
    if block_id and stays:
        return await ack(response_action="errors", errors={block_id: said.beside})
    has_room = view.get("root_view_id") == view.get("id")  # for a second one on top
    over = "push" if stays and has_room else "update"
    return await ack(response_action=over, view=said.modal)


async def _tell(press: Press, said: Sentence) -> None:
    """Tells the person where they pressed, else over their modal, else by direct message."""
    try:
        if await press.reply(said.message):
            return
        if press.client.token and not await _shown(press, said):
            text, blocks = said.message.text, said.message.blocks
            await press.client.chat_postMessage(channel=press.user_id, text=text, blocks=blocks)
    except UNREACHABLE as error:
        _log.warning("failure_not_told", error=error_name(error))


async def _shown(press: Press, said: Sentence) -> bool:
    """Tries to show it in a modal. Returns False if the trigger is used up or too old, or if
    what stands in the modal must stay: there is no room, or it answers a later press.
    """
    client, view, trigger_id = press.client, press.view, press.body.get("trigger_id")
    if not view or not trigger_id:
        return False
    try:
        if view["type"] == "home":
            await client.views_open(trigger_id=trigger_id, view=said.modal)
        elif said.replaces:
            if not press.in_order.takes(view["id"]):
                return False
            await client.views_update(view_id=view["id"], view=said.modal)
        elif is_third(view):
            return False
        else:
            await client.views_push(trigger_id=trigger_id, view=said.modal)
    except UNREACHABLE as error:
        _log.info("modal_not_shown", error=error_name(error))
        return False
    return True
