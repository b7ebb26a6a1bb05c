"""Messages: posting, changing, deleting, and who hears of it."""

import json
import re
from typing import Any

from playground.slack.blocks import check_blocks, check_mrkdwn
from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.events import Events
from playground.slack.model import Blocks, Channel, File, Installation, Json, Message, User
from playground.slack.normal import with_ids
from playground.slack.reach import Reach

TEXT_LIMIT = 40_000
EDIT_LIMIT = 4_000  # `chat.update` documents characters; people met it in bytes, which is stricter
METADATA_LIMIT = 8_000
EVENT_TYPE = re.compile(r"[A-Za-z0-9_.-]{1,255}")


class Messages:
    """What the app says. Texts and blocks are checked as for `chat.postMessage`."""

    def __init__(self, core: Core, events: Events) -> None:
        self._core = core
        self._events = events

    def post(
        self,
        installation: Installation,
        channel: Channel,
        content: Json,
        *,
        where: str,
        ephemeral_to: str = "",
    ) -> Message:
        text, blocks = self._checked(content, where)
        message = Message(
            channel.id,
            self._core.next_ts(),
            installation.bot_user_id,
            text,
            blocks,
            installation.bot_id,
            str(content.get("thread_ts") or ""),
            ephemeral_to=ephemeral_to,
            metadata=content.get("metadata"),
        )
        self._core.state.add_message(message)
        if not ephemeral_to:
            self._tell_app(installation, channel, self.as_json(message))
        self._core.changed()
        return message

    def share(
        self,
        installation: Installation,
        channel: Channel,
        comment: str,
        thread_ts: str,
        files: list[File],
    ) -> Message:
        """Post a message with files. Its text is mrkdwn."""
        for problem in check_mrkdwn(comment, "/initial_comment"):
            self._core.breach("files.completeUploadExternal", "unescaped_text", problem)
        message = Message(
            channel.id,
            self._core.next_ts(),
            installation.bot_user_id,
            comment,
            bot_id=installation.bot_id,
            thread_ts=thread_ts,
            files=[file.id for file in files],
        )
        self._core.state.add_message(message)
        self._tell_app(installation, channel, {"subtype": "file_share"} | self.as_json(message))
        return message

    def update(
        self,
        installation: Installation,
        channel: Channel,
        message: Message,
        content: Json,
        where: str,
    ) -> Message:
        """Replace text and blocks with exactly what is given."""
        text, blocks = self._checked(content, where)
        if len(text.encode()) > EDIT_LIMIT:
            raise SlackError("msg_too_long")
        previous = self.as_json(message)
        message.text, message.blocks, message.edited = text, blocks, self._core.next_ts()
        if content.get("metadata") is not None:
            message.metadata = content["metadata"]
        if not message.ephemeral_to:
            self._tell_app(installation, channel, self._edited(message, previous))
        self._core.changed()
        return message

    def delete(self, installation: Installation, channel: Channel, message: Message) -> None:
        self._core.state.messages.remove(message)
        if not message.ephemeral_to:
            gone = {"deleted_ts": message.ts, "previous_message": self.as_json(message)}
            self._tell_app(installation, channel, self._happened("message_deleted", gone))
        self._core.changed()

    def said(
        self, user: User, channel: Channel, text: str, thread_ts: str = "", **way: Any
    ) -> Message:
        """A message that a person typed. `way` is added to its event: a subtype, files."""
        ts = self._core.next_ts()
        message = Message(channel.id, ts, user.id, _escaped(text), thread_ts=thread_ts)
        self._core.state.add_message(message)
        self._said(user, channel, self.as_json(message) | way)
        return message

    def said_anew(self, user: User, channel: Channel, message: Message, text: str) -> None:
        """A person changed their message."""
        previous = self.as_json(message)
        message.text, message.edited = _escaped(text), self._core.next_ts()
        self._said(user, channel, self._edited(message, previous))

    def _said(self, user: User, channel: Channel, event: Json) -> None:
        installation = self._core.installation_for(user)
        if installation is not None and installation.bot_user_id in channel.members:
            self._tell_app(installation, channel, event, user.team_id)
        self._core.changed()

    def _edited(self, message: Message, previous: Json) -> Json:
        change = {"message": self.as_json(message), "previous_message": previous}
        return self._happened("message_changed", change)

    def _happened(self, subtype: str, about: Json) -> Json:
        """What happened to a message is an event with a timestamp of its own."""
        return {"subtype": subtype, "hidden": True, "ts": self._core.next_ts()} | about

    def as_json(self, message: Message) -> Json:
        """The message object of answers, payloads and events."""
        user = self._core.state.users[message.user]
        shown: Json = {
            "type": "message",
            "user": message.user,
            "ts": message.ts,
            "text": message.text,
            "team": user.team_id,
        }
        if message.is_app:
            shown |= {"bot_id": message.bot_id, "app_id": self._core.config.app_id}
        if message.blocks:
            shown["blocks"] = message.blocks
        if message.thread_ts:
            shown["thread_ts"] = message.thread_ts
        if message.edited:
            shown["edited"] = {"user": message.user, "ts": message.edited}
        if message.metadata is not None:
            shown["metadata"] = message.metadata
        return shown

    def _tell_app(
        self, installation: Installation, channel: Channel, event: Json, team_id: str = ""
    ) -> None:
        """`team_id` says where it happened, if a person did it in one of their workspaces."""
        if channel.kind == "im":
            subscription, kind = "message.im", "im"
        elif channel.is_private:
            subscription, kind = "message.groups", "group"
        else:
            subscription, kind = "message.channels", "channel"
        if installation.bot_user_id not in channel.members:
            return
        full = {"type": "message", "channel": channel.id, "channel_type": kind} | event
        where = team_id or Reach(self._core.state, installation).workspace_of(channel)
        self._events.emit(installation, subscription, full, where)

    def _checked(self, content: Json, where: str) -> tuple[str, Blocks]:
        text = _text(content.get("text"))
        blocks = content.get("blocks") or []
        if not text.strip() and not blocks:
            raise SlackError("no_text")
        if len(text) > TEXT_LIMIT:
            raise SlackError("msg_too_long")
        if content.get("attachments"):
            raise SlackError("invalid_attachments", "this Slack knows blocks only")
        problems = check_blocks(blocks, "message")
        if problems:
            raise SlackError("invalid_blocks", *problems, errors=problems)
        _check_metadata(content.get("metadata"))
        if not text.strip():
            self._core.breach(where, "missing_text", "blocks without a top-level text")
        for problem in [*check_mrkdwn(text, "/text"), *check_mrkdwn(blocks, "/blocks")]:
            self._core.breach(where, "unescaped_text", problem)
        return text, with_ids(blocks)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SlackError("invalid_arguments", "text must be a string")
    return value


def _check_metadata(metadata: Any) -> None:
    if metadata is None:
        return
    shaped = isinstance(metadata, dict) and set(metadata) == {"event_type", "event_payload"}
    if not shaped or not isinstance(metadata["event_payload"], dict):
        raise SlackError("invalid_metadata_format")
    event_type = metadata["event_type"]
    if not isinstance(event_type, str) or not EVENT_TYPE.fullmatch(event_type):
        raise SlackError("invalid_metadata_schema", "event_type is a name of letters and digits")
    if len(json.dumps(metadata)) > METADATA_LIMIT:
        raise SlackError("metadata_too_large")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
