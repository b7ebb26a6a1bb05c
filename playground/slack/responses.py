"""Answers by `response_url`, and answers in a command's acknowledgement."""

from collections.abc import Mapping
from typing import Any

from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.messages import Messages
from playground.slack.model import Json, Message
from playground.slack.tickets import ResponseUrl

_FIELDS = {
    "attachments",
    "blocks",
    "delete_original",
    "metadata",
    "replace_original",
    "response_type",
    "text",
    "thread_ts",
    "unfurl_links",
    "unfurl_media",
}


class Responses:
    """Posts, replaces or deletes in the person's channel, even if the app is not a member."""

    def __init__(self, core: Core, messages: Messages) -> None:
        self._core = core
        self._messages = messages

    def use(self, key: str, content: Any) -> None:
        """One of the five uses of a response_url."""
        ticket = self._core.response_urls.use(key)
        if not isinstance(content, Mapping):
            raise SlackError("invalid_payload")
        self._apply(ticket, dict(content), "response_url")

    def reply(self, key: str, content: Json, where: str) -> None:
        """Answer in a command's acknowledgement. This is no use of its response_url."""
        self._apply(self._core.response_urls.peek(key), content, where)

    def _apply(self, ticket: ResponseUrl, content: Json, where: str) -> None:
        installation = self._core.state.active_installation(ticket.team_id)
        if installation is None:
            raise SlackError("account_inactive")
        self._check(content)
        original = self._original(ticket)
        channel = self._core.state.channel_in(ticket.team_id, ticket.channel_id)
        if content.get("delete_original") is True:
            if original is None:
                raise SlackError("message_not_found")
            self._messages.delete(installation, channel, original)
        elif content.get("replace_original") is True and original is not None:
            self._messages.update(installation, channel, original, content, where)
        else:
            private = content.get("response_type", "ephemeral") == "ephemeral"
            message = self._messages.post(
                installation,
                channel,
                content,
                where=where,
                ephemeral_to=ticket.user_id if private else "",
            )
            ticket.ts = ticket.ts or message.ts

    def _original(self, ticket: ResponseUrl) -> Message | None:
        return self._core.state.message(ticket.channel_id, ticket.ts) if ticket.ts else None

    def _check(self, content: Json) -> None:
        unknown = sorted(set(content) - _FIELDS)
        if unknown:
            raise SlackError("invalid_payload", f"unknown fields {unknown}")
        if content.get("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
            raise SlackError("invalid_payload", "response_type is ephemeral or in_channel")
        for flag in ("replace_original", "delete_original"):
            if not isinstance(content.get(flag, False), bool):
                raise SlackError("invalid_payload", f"{flag} must be a boolean")
