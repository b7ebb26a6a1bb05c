"""Sends direct messages exactly once. Each carries a key, by which it can be found again.

An attempt that Slack may have taken (timeout, cut connection, 5xx, a process that died) is not
repeated blindly. Once its deadline has passed, the direct message channel is searched for the key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.outbound.calls import Later, Outgoing
from bot.outbound.errors import error_name
from bot.views.kit.message import Rendered
from flows.kept import Bounded
from flows.outbox.messages import Attempt, StoredMessage

METADATA_TYPE = "connect_segment_message"
MESSAGES_PAGE = 15  # apps outside Slack's Marketplace get no more per call
SLACK_CLOCK_SKEW = timedelta(minutes=1)  # how far Slack's clock may be behind ours
CHANNELS_REMEMBERED = 5000  # channels

_log = structlog.get_logger(__name__)


@dataclass
class ClaimedMessage:
    """A claimed message. `doubt` is an earlier attempt that Slack may have taken."""

    stored: StoredMessage
    doubt: Attempt | None

    @property
    def user_id(self) -> str:
        return self.stored.message.conversation.partition(":")[2]


class Posting:
    """Posts direct messages and finds out whether an earlier attempt posted one."""

    def __init__(self) -> None:
        self._channels = Bounded[tuple[str, str], str](CHANNELS_REMEMBERED)

    async def post(
        self, outgoing: Outgoing, claimed: ClaimedMessage, rendered: Rendered
    ) -> tuple[str, str]:
        """Returns channel and timestamp."""
        metadata = {
            "event_type": METADATA_TYPE,
            "event_payload": {"key": claimed.stored.message.key},
        }
        return await outgoing.post(claimed.user_id, rendered, metadata=metadata)

    async def find(self, outgoing: Outgoing, claimed: ClaimedMessage) -> tuple[str, str] | None:
        """Returns channel and timestamp of what an earlier attempt posted. None if it did not.

        Reads one page per attempt and raises `Later` if there are more, because the next call may
        have to wait a minute.
        """
        doubt = claimed.doubt
        if doubt is None:
            return None
        try:
            channel_id = await self._channel(outgoing, claimed.user_id)
            page, cursor = await outgoing.history(
                channel_id, oldest=_oldest(doubt), limit=MESSAGES_PAGE, cursor=doubt.cursor
            )
        except SlackApiError as error:
            self._cannot_find(claimed, doubt, error)
            return None
        key = claimed.stored.message.key
        found = next((str(message["ts"]) for message in page if _key_of(message) == key), None)
        if found:
            return channel_id, found
        if cursor:
            claimed.doubt = replace(doubt, cursor=cursor)
            raise Later(0.0, "searching")
        claimed.doubt = None
        return None

    def _cannot_find(self, claimed: ClaimedMessage, doubt: Attempt, error: SlackApiError) -> None:
        match error_name(error):
            case "missing_scope":
                # Then we cannot know, and two messages are better than none.
                _log.warning("doubt_not_cleared", tenant_id=claimed.stored.tenant_id)
                claimed.doubt = None
            case "invalid_cursor":
                claimed.doubt = replace(doubt, cursor="")
                raise Later(1.0, "searching anew") from error
            case _:
                raise error

    async def _channel(self, outgoing: Outgoing, user_id: str) -> str:
        person = (outgoing.tenant_id, user_id)
        if person not in self._channels:
            self._channels[person] = await outgoing.open_direct(user_id)
        return self._channels[person]


def _oldest(doubt: Attempt) -> str:
    return f"{(doubt.started_at - SLACK_CLOCK_SKEW).timestamp():.6f}"


def _key_of(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_TYPE:
        return ""
    return str((metadata.get("event_payload") or {}).get("key") or "")
