"""Takes events before Bolt does: stores each with its job and acknowledges it only then."""

import html
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.inbound.authorize import CLAIM, Foreign, claim_of, organisation_of, origin_of
from bot.inbound.in_order import InOrder
from bot.inbound.press import PRESS, Press
from flows.csm.conversation import MAX_MESSAGE
from flows.errors import NotInstalled, StorageUnavailable
from flows.ports import UnitOfWorkFactory
from flows.secret_shapes import looks_secret
from flows.vocabulary import LEAVING, ReceivedEvent

_log = structlog.get_logger(__name__)

Next = Callable[[], Awaitable[BoltResponse]]
Show = Callable[[str, ReceivedEvent], Awaitable[bool]]  # whether nothing is left to do
HOME = "app_home_opened"
KEPT_EVENTS = frozenset(
    {
        HOME,
        "app_uninstalled",
        "message",
        "team_access_granted",
        "team_access_revoked",
        "tokens_revoked",
    }
)
# Subtypes of messages that people write. Apps and Slack itself write all others.
BY_PEOPLE = (None, "", "file_share", "thread_broadcast", "me_message")
_MARKED = re.compile(r"<([^<>]+)>")
BESIDE = ("name", "title", "preview", "plain_text", "text", "pretext")  # of files and attachments
TAKEN = BoltResponse(status=200, body="")


class Events:
    """Stores events before Bolt sees them, since Bolt acknowledges before a listener has run."""

    def __init__(self, uow: UnitOfWorkFactory, show_home: Show, in_order: InOrder) -> None:
        self._uow = uow
        self._show_home = show_home
        self._in_order = in_order

    async def __call__(self, req: AsyncBoltRequest, next: Next) -> BoltResponse:
        match req.body.get("type"):
            case "event_callback":
                return await self.take(req.body)
            case "app_rate_limited":
                _log.warning("events_rate_limited")
                return TAKEN
        req.context[CLAIM] = claim_of(req.body)
        # As `Dispatch` gives it.
        req.context[PRESS] = Press(req.body, req.context.client, self._in_order)
        return await next()

    async def take(self, body: Mapping[str, Any]) -> BoltResponse:
        """Keeps nothing of an event from a stranger, or from a place without the app."""
        event_id = str(body["event_id"])
        try:
            tenant_id, team_id = origin_of(body)
        except Foreign:
            return TAKEN
        event = received_event(body, team_id)
        if event is None:
            return TAKEN
        if event.kind == HOME and await self._show_home(tenant_id, event):
            return TAKEN
        try:
            await self._accept(tenant_id, event, organisation_of(body))
        except NotInstalled:
            _log.info("event_not_for_us", tenant_id=tenant_id, event_id=event_id)
        except StorageUnavailable as error:
            about = {"tenant_id": tenant_id, "event_id": event_id}
            _log.warning("event_not_stored", **about, problem=error.trouble)
            return BoltResponse(status=503, body="try again")  # Slack sends it again
        return TAKEN

    async def _accept(self, tenant_id: str, event: ReceivedEvent, enterprise_id: str) -> None:
        """Once the app has left, Slack may not say any more that it was an organisation's."""
        try:
            await self._uow.accept(tenant_id, event)
        except NotInstalled:
            if event.kind not in LEAVING or enterprise_id in ("", tenant_id):
                raise
            await self._uow.accept(enterprise_id, event)


def received_event(body: Mapping[str, Any], team_id: str) -> ReceivedEvent | None:
    """Returns what is kept of an event. None for events that we do not act on."""
    event = body["event"]
    kind = event["type"]
    if kind == "message":
        event = said_by_person(event)
    if kind not in KEPT_EVENTS or not _is_for_us(kind, event):
        return None
    seconds = body.get("event_time")
    holds_secret = kind == "message" and any(map(looks_secret, _texts(event)))
    return ReceivedEvent(
        event_id=str(body["event_id"]),
        kind=kind,
        team_id=team_id,
        user_id=str(event.get("user") or ""),
        at=datetime.fromtimestamp(int(seconds), UTC) if seconds else None,
        team_ids=tuple(event.get("team_ids") or ()),
        holds_secret=holds_secret,
        text="" if holds_secret or kind != "message" else typed(event),
    )


def typed(said: Mapping[str, Any]) -> str:
    """What a person typed, as they see it; empty if it is too long to be passed on.

    https://docs.slack.dev/messaging/formatting-message-text#retrieving
    """
    text = _MARKED.sub(_as_seen, str(said.get("text") or ""))
    text = html.unescape(text).strip()
    return text if len(text) <= MAX_MESSAGE else ""


def _as_seen(found: re.Match[str]) -> str:
    """A link or mention in the words that the person saw, where Slack has them."""
    target, _, label = found.group(1).partition("|")
    return label or ("@…" if target[:1] in "@!" else target)


def said_by_person(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message that a person typed or has changed. Empty if the event is about anything else.

    https://docs.slack.dev/reference/events/message
    """
    said, before = event, None
    if event.get("subtype") == "message_changed":
        said, before = event.get("message") or {}, event.get("previous_message") or {}
    if not said.get("user") or said.get("bot_id") or said.get("subtype") not in BY_PEOPLE:
        return {}
    if before is not None and _texts(before) == _texts(said):
        return {}  # Slack has only added a link's preview, or a reply
    return said


def _texts(said: Mapping[str, Any]) -> list[str]:
    """Everything that a person can have written into a message: its text and what is beside it."""
    beside = [*(said.get("files") or ()), *(said.get("attachments") or ())]
    parts = [each.get(name) for each in beside for name in BESIDE]
    return [str(said.get("text") or ""), *(str(part) for part in parts if part)]


def _is_for_us(kind: str, event: Mapping[str, Any]) -> bool:
    match kind:
        case "message":
            return bool(event)
        case "app_home_opened":
            return event.get("tab") == "home" and bool(event.get("user"))
        case "tokens_revoked":
            return bool((event.get("tokens") or {}).get("bot"))
        case "team_access_granted" | "team_access_revoked":
            return bool(event.get("team_ids"))
    return True
