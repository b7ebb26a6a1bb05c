"""The error handler of interactions: the person gets one sentence, the log gets the reason.

Both carry the same reference id.
"""

import asyncio
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import structlog
from aiohttp import ClientError
from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.ids import OF_CSMS
from bot.inbound.answers import as_json
from bot.inbound.authorize import Foreign
from bot.inbound.forms import Form, is_third, pressed_id, words_of
from bot.inbound.press import Press, answering
from bot.logs import problem_of
from bot.outbound.errors import PASSES, UNREACHABLE, ErrorClass, class_of, error_name
from bot.strings import csm
from bot.strings import managing as strings_managing
from bot.strings import status as strings
from bot.views.kit.message import Rendered
from bot.views.kit.wording import error_text, wait_words
from bot.views.people.dialogs import (
    busy_view,
    done_view,
    failed_view,
    foreign_view,
    not_csm_view,
    not_installed_view,
    own_workspace_view,
    slack_busy_view,
    slack_passes_view,
)
from bot.views.people.managing import not_member_message, refused_message, refused_view
from bot.views.people.said import ended_view
from bot.views.people.status import (
    ended_message,
    failure_message,
    foreign_message,
    left_workspace_message,
    missing_scope_message,
    not_for_customers_message,
    not_installed_message,
    not_taken_message,
    out_of_reach_message,
    own_workspace_message,
    slack_busy_message,
    slack_passes_message,
    too_many_message,
    try_again_message,
    unknown_customer_message,
    unknown_to_csm_message,
)
from flows.csm.members import NotCsm
from flows.csm.refused import OutOfReach
from flows.errors import (
    DirectoryUnavailable,
    LeftWorkspace,
    MissingScope,
    NotFound,
    NotInstalled,
    NotTaken,
    OwnWorkspace,
    StorageUnavailable,
    TooMany,
)
from flows.setup.permissions import NotAllowed, NotMember
from flows.setup.results import NoSetUp

REFERENCE = "REFERENCE"  # where that of one failure belongs
ANSWERED_AT_ONCE = ("command", "view_submission", "view_closed", "block_suggestion")
ACK_SEEN_AFTER = 0.05  # seconds; Bolt looks for an acknowledgement every 10 ms

_log = structlog.get_logger(__name__)


class NoListener(Exception):
    """Nobody listens to this kind of request with this id."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the person is told: as a message, as a modal, or as plain text beside an input.

    `replaces`: the modal where they pressed has lost its subject, so `modal` takes its place.
    `has_button`: it needs a modal even where a form could say it beside an input.
    """

    message: Rendered
    modal: View
    beside: str
    replaces: bool = False
    has_button: bool = False


def sentence(
    error: Exception, reference: str, typed: str = "", *, to_csm: bool = False
) -> Sentence:
    """Says what happened. A modal that replaces another shows `typed`, to be copied."""
    match error:
        case NoSetUp():
            message, modal = ended_message(error.situation), ended_view(error.situation, typed)
            return Sentence(message, modal, message.text, replaces=True)
        case NotAllowed():
            message = refused_message(error.situation, error.right)
            modal = refused_view(error.situation, error.right, typed)
            return Sentence(message, modal, message.text, has_button=True)
        case NotTaken():
            beside = error_text(error.error)
            message = not_taken_message(beside)
            return Sentence(message, done_view(strings.NOT_TAKEN_TITLE, message.text), beside)
        case StorageUnavailable():
            beside = strings.TRY_AGAIN_BESIDE.format(reference=reference)
            return Sentence(try_again_message(reference), busy_view(reference), beside)
        case MissingScope():
            return _unscoped()
        case SlackApiError() if class_of(error) is ErrorClass.UNSCOPED:
            return _unscoped()
        case DirectoryUnavailable():
            beside = strings.SLACK_BUSY_BESIDE.format(reference=reference)
            return Sentence(slack_busy_message(reference), slack_busy_view(reference), beside)
        case SlackApiError() | ClientError() if class_of(error) in PASSES:
            beside = strings.SLACK_BUSY_BESIDE.format(reference=reference)
            return Sentence(slack_passes_message(reference), slack_passes_view(reference), beside)
    if plain := _plain(error, to_csm=to_csm):
        message, modal = plain
        return Sentence(message, modal, message.text)
    beside = strings.FAILURE_BESIDE.format(reference=reference)
    return Sentence(failure_message(reference), failed_view(reference), beside)


def _plain(error: Exception, *, to_csm: bool) -> tuple[Rendered, View] | None:
    """A refusal that needs no more than its words. None for what should not happen."""
    match error:
        case TooMany():
            message = too_many_message(wait_words(math.ceil(error.wait)))
            return message, done_view(strings_managing.TITLE, message.text)
        case NotMember():
            message = not_member_message()
            return message, done_view(strings_managing.TITLE, message.text)
        case LeftWorkspace():
            return left_workspace_message(), done_view(strings.LEFT_TITLE, strings.LEFT)
        case NotInstalled():
            return not_installed_message(), not_installed_view()
        case Foreign():
            return foreign_message(), foreign_view()
        case OwnWorkspace():
            return own_workspace_message(), own_workspace_view()
        case NotCsm():
            return not_for_customers_message(), not_csm_view()
        case OutOfReach():
            return out_of_reach_message(), done_view(csm.OUT_OF_REACH_TITLE, csm.OUT_OF_REACH)
        case NotFound() if to_csm:
            return unknown_to_csm_message(), done_view(csm.GONE_TITLE, csm.UNKNOWN_CSM)
        case NotFound():
            return unknown_customer_message(), done_view(csm.GONE_TITLE, csm.UNKNOWN)
    return None


def _unscoped() -> Sentence:
    message = missing_scope_message()
    return Sentence(message, done_view(strings.MISSING_SCOPE_TITLE, message.text), message.text)


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
    return as_json(failure_message(REFERENCE))


def _write_down(error: Exception, kind: str, reference: str) -> None:
    log = _log.bind(kind=kind, reference=reference)
    name = type(error).__name__
    match error:
        case BoltUnhandledRequestError() | NoListener():
            log.warning("unhandled_request")
        case NotInstalled():
            log.warning("not_installed")
        case Foreign():
            log.warning("foreign")
        case NotCsm():
            log.warning("not_a_csm")
        case OwnWorkspace():
            log.info("own_workspace")
        case NotMember() | NotAllowed() | TooMany():
            log.warning("not_allowed", error=name)
        case NoSetUp():
            log.info("no_set_up")
        case NotTaken():
            log.info("not_taken", error=str(error))
        case NotFound() | OutOfReach():
            log.warning("nothing_there", error=name)
        case StorageUnavailable() | DirectoryUnavailable():
            log.warning("unavailable", problem=problem_of(error))
        case SlackApiError():
            log.error("slack_refused", error=error_name(error))
        case _:
            log.error("interaction_failed", exc_info=error)


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
    there is no room and what stands in the modal must stay.
    """
    client, view, trigger_id = press.client, press.view, press.body.get("trigger_id")
    if not view or not trigger_id:
        return False
    try:
        if view["type"] == "home":
            await client.views_open(trigger_id=trigger_id, view=said.modal)
        elif said.replaces:
            await client.views_update(view_id=view["id"], view=said.modal)
        elif is_third(view):
            return False
        else:
            await client.views_push(trigger_id=trigger_id, view=said.modal)
    except UNREACHABLE as error:
        _log.info("modal_not_shown", error=error_name(error))
        return False
    return True
