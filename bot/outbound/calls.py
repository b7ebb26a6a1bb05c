"""Calls to Slack for unprompted messages, within Slack's limits across all processes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from aiohttp import ClientTimeout
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.outbound.clients import SlackClients
from bot.outbound.errors import UNREACHABLE, ErrorClass, class_of, error_name, retry_after
from bot.views.kit.message import Rendered
from flows.installed import Installation
from flows.ports import RateCost, RateGates

TURN_WITHIN = 2.0  # seconds that a call waits for its turn; if it takes longer, it is put off
PAUSED = 300.0  # seconds until a message looks again whether Slack takes the app's token
RETRY_AFTER = 1.0  # seconds, where Slack limits us without saying for how long

POST = "chat.postMessage"
# One message per second and channel, plus a margin, since calls take unequally long.
CHANNEL_COST = RateCost(1.1)
# Per workspace: what Slack allows a minute. A part of it may come at once.
# https://docs.slack.dev/apis/web-api/rate-limits
COSTS: Mapping[str, RateCost] = {
    POST: RateCost(0.2, burst=2.0),
    "chat.update": RateCost(1.2, burst=24.0),
    "views.publish": RateCost(0.6, burst=12.0),
    "views.update": RateCost(0.6, burst=12.0),
    "conversations.open": RateCost(1.2, burst=24.0),
    "conversations.history": RateCost(1.2, burst=24.0),  # if it is once a minute, Slack says so
    "chat.getPermalink": RateCost(0.6, burst=12.0),
    "files.getUploadURLExternal": RateCost(0.6, burst=12.0),
    "files.completeUploadExternal": RateCost(0.6, burst=12.0),
}

WebApiCall = Callable[..., Awaitable[AsyncSlackResponse]]


class Later(Exception):
    """The message cannot go now. Try again after `seconds`."""

    def __init__(self, seconds: float, why: str = "later") -> None:
        super().__init__(why)
        self.seconds = seconds


class GateFar(Later):
    """Many others are waiting at one of these gates."""

    def __init__(self, seconds: float, tenant_id: str, costs: Mapping[str, RateCost]) -> None:
        super().__init__(seconds, "rate_gate")
        self.tenant_id = tenant_id
        self.costs = costs


class Revoked(Exception):
    """Slack refuses this token, perhaps not for good."""

    def __init__(self, tenant_id: str, token: SecretStr, why: str) -> None:
        super().__init__(why)
        self.tenant_id = tenant_id
        self.token = token


class Wrote(StrEnum):
    """What Slack took into a channel. Not every place takes all of them."""

    EDIT = "edit"
    POST = "post"
    LINE = "line"  # in a thread


class Outgoing:
    """Speaks for one installation until a deadline. After it no call leaves.

    Every call raises `Later` if its turn is too far off, `Revoked`, `TimeoutError`, and what the
    client raises.
    """

    def __init__(
        self,
        found: tuple[Installation, SecretStr],
        clients: SlackClients,
        gates: RateGates,
        until: datetime,
    ) -> None:
        """Raises `Later` while Slack refuses the installation's token, or no key opens it."""
        installation, token = found
        if installation.refused_at:
            raise Later(PAUSED, "token_refused" if token else "token_lost")
        self.tenant_id = installation.tenant_id
        self.is_org_wide = installation.is_enterprise_install
        self.client = clients.with_token(token)
        if self.is_org_wide:
            self.client = clients.of_organisation(self.tenant_id, token)
        self.wrote: set[Wrote] = set()
        self._gates = gates
        self._token = token
        self._until = until

    async def post(
        self,
        channel: str,
        rendered: Rendered,
        *,
        thread_ts: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> tuple[str, str]:
        """Returns the message's channel and timestamp."""
        answer = await self._call(
            self.client.chat_postMessage,
            POST,
            channel_gate=channel,
            channel=channel,
            text=rendered.text,
            blocks=rendered.blocks,
            thread_ts=thread_ts,
            metadata=metadata,
            unfurl_links=False,
            unfurl_media=False,
        )
        self.wrote.add(Wrote.LINE if thread_ts else Wrote.POST)
        return _part(answer, "channel"), _part(answer, "ts")

    async def edit(self, channel: str, ts: str, rendered: Rendered) -> None:
        await self._call(
            self.client.chat_update,
            "chat.update",
            channel=channel,
            ts=ts,
            text=rendered.text,
            blocks=rendered.blocks,
        )
        self.wrote.add(Wrote.EDIT)

    async def permalink(self, channel: str, ts: str) -> str:
        answer = await self._call(
            self.client.chat_getPermalink, "chat.getPermalink", channel=channel, message_ts=ts
        )
        return _part(answer, "permalink")

    async def share(
        self,
        channel: str,
        content: bytes,
        *,
        filename: str,
        title: str,
        alt_text: str,
    ) -> None:
        """Uploads a file and posts it. Slack does not return the message's timestamp."""
        announced = await self._call(
            self.client.files_getUploadURLExternal,
            "files.getUploadURLExternal",
            filename=filename,
            length=len(content),
            alt_txt=alt_text,
        )
        address, file_id = _part(announced, "upload_url"), _part(announced, "file_id")
        await self._upload(address, content)
        await self._call(
            self.client.files_completeUploadExternal,
            "files.completeUploadExternal",
            channel_gate=channel,
            files=[{"id": file_id, "title": title}],
            channel_id=channel,
        )
        self.wrote.add(Wrote.POST)

    async def _upload(self, address: str, content: bytes) -> None:
        session = self.client.session
        if session is None:
            raise RuntimeError("clients share one session")
        left = ClientTimeout(total=max(0.1, (self._until - datetime.now(UTC)).total_seconds()))
        async with session.post(address, data=content, timeout=left) as answer:
            answer.raise_for_status()

    async def publish_home(self, user_id: str, view: Any) -> None:
        await self._call(self.client.views_publish, "views.publish", user_id=user_id, view=view)

    async def update_view(self, external_id: str, view: Any) -> None:
        await self._call(
            self.client.views_update, "views.update", external_id=external_id, view=view
        )

    async def open_direct(self, user_id: str) -> str:
        """Returns the id of the direct message channel with this person."""
        answer = await self._call(
            self.client.conversations_open, "conversations.open", users=user_id
        )
        return _part(answer, "channel", "id")

    async def history(
        self, channel: str, *, oldest: str, limit: int, cursor: str
    ) -> tuple[Sequence[Mapping[str, Any]], str]:
        """Returns messages newest first, with metadata, and the next page's cursor, if any."""
        answer = await self._call(
            self.client.conversations_history,
            "conversations.history",
            channel=channel,
            oldest=oldest,
            limit=limit,
            cursor=cursor or None,
            include_all_metadata=True,
        )
        more = answer.get("response_metadata") or {}
        return answer.get("messages") or [], str(more.get("next_cursor") or "")

    async def _call(
        self, call: WebApiCall, method: str, *, channel_gate: str = "", **arguments: Any
    ) -> AsyncSlackResponse:
        """Waits for its turn among all processes, then calls."""
        costs = {method: COSTS[method]}
        if channel_gate:
            costs[f"channel:{channel_gate}"] = CHANNEL_COST
        wait = await self._gates.take(self.tenant_id, costs, TURN_WITHIN)
        if wait > TURN_WITHIN:
            raise GateFar(wait, self.tenant_id, costs)
        await asyncio.sleep(wait)
        if datetime.now(UTC) >= self._until:
            raise Later(0.0, "out_of_time")  # after a suspension others may be sending this
        try:
            return await call(**arguments)
        except UNREACHABLE as error:
            await self._heed(method, error)
            raise

    async def _heed(self, method: str, error: BaseException) -> None:
        match class_of(error):
            case ErrorClass.LIMITED:
                seconds = retry_after(error) or RETRY_AFTER
                await self._gates.close(self.tenant_id, method, seconds)
                raise Later(seconds, error_name(error)) from error
            case ErrorClass.REVOKED:
                raise Revoked(self.tenant_id, self._token, error_name(error)) from error


def _part(answer: AsyncSlackResponse, *path: str) -> str:
    """A part that the answer must have. Without it, it leaves the same doubt as none at all."""
    part: Any = answer.data
    for name in path:
        part = part.get(name) if isinstance(part, dict) else None
    if not part or not isinstance(part, str):
        raise SlackApiError("incomplete", answer)  # type: ignore[no-untyped-call]
    return part
