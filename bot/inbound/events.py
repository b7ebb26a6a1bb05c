"""Before Bolt's listeners: events are stored with their job, and only then acknowledged."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from flows.errors import StorageUnavailable
from flows.model import ReceivedEvent
from flows.ports import UnitOfWorkFactory
from flows.secret_shapes import looks_secret

_log = structlog.get_logger(__name__)

Next = Callable[[], Awaitable[BoltResponse]]
KEPT = frozenset({"app_home_opened", "app_uninstalled", "tokens_revoked", "message"})


class Events:
    """Bolt acknowledges events before their listener has run; so they are stored first."""

    def __init__(self, uow: UnitOfWorkFactory) -> None:
        self._uow = uow

    async def __call__(self, req: AsyncBoltRequest, next: Next) -> BoltResponse:
        body = req.body
        if body.get("type") != "event_callback":
            return await next()
        tenant_id = tenant_of_event(body)
        event = received_event(body)
        if event is None or not tenant_id:
            return BoltResponse(status=200, body="")
        try:
            async with self._uow(tenant_id) as work:
                await work.inbox.accept(event)
                await work.commit()
        except StorageUnavailable:
            _log.warning("event_not_stored", tenant_id=tenant_id, event_id=event.event_id)
            return BoltResponse(status=503, body="try again")  # Slack sends it again
        return BoltResponse(status=200, body="")


def tenant_of_event(body: Mapping[str, Any]) -> str:
    """The installation that an event is for: the first authorisation names it."""
    authorizations = body.get("authorizations") or [{}]
    first = authorizations[0] if isinstance(authorizations[0], dict) else {}
    if first.get("is_enterprise_install"):
        return str(first.get("enterprise_id") or body.get("enterprise_id") or "")
    return str(first.get("team_id") or body.get("team_id") or body.get("enterprise_id") or "")


def received_event(body: Mapping[str, Any]) -> ReceivedEvent | None:
    """What is kept of an event: ids only. None for events that we do not act on."""
    event = body["event"]
    kind = event["type"]
    if kind not in KEPT or not _is_for_us(kind, event):
        return None
    params = {
        "team": str(body.get("team_id") or ""),
        "user": str(event.get("user") or ""),
        "at": str(body.get("event_time") or ""),
    }
    if kind == "message":
        params["secret"] = "yes" if looks_secret(str(event.get("text") or "")) else "no"
    return ReceivedEvent(str(body["event_id"]), kind, params)


def _is_for_us(kind: str, event: Mapping[str, Any]) -> bool:
    match kind:
        case "message":  # what people type; not what apps post, nor edits
            return bool(event.get("user")) and not event.get("bot_id") and not event.get("subtype")
        case "app_home_opened":
            return event.get("tab") == "home" and bool(event.get("user"))
        case "tokens_revoked":
            return bool((event.get("tokens") or {}).get("bot"))
    return True
