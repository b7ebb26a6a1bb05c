"""The records that a Slack workspace is made of; all of them are plain JSON."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Blocks = list[Json]
TypedKey = tuple[str, str]
Typed = dict[TypedKey, Json]


@dataclass
class Team:
    id: str
    name: str
    domain: str
    is_listed: bool = True  # the page offers to act as its people


@dataclass
class User:
    id: str
    team_id: str
    name: str
    real_name: str
    tz: str = "America/New_York"
    locale: str = "en-US"
    email: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    is_guest: bool = False
    deleted: bool = False


@dataclass
class Channel:
    id: str
    team_id: str
    name: str
    kind: Literal["channel", "im"] = "channel"
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_archived: bool = False
    user: str = ""  # the person, when it is a direct message with the app
    invites_app: bool = False  # people here add the app as soon as it is installed


@dataclass
class File:
    """Something that the app uploads; nobody sees it before it is completed."""

    id: str
    team_id: str
    user: str
    name: str
    title: str = ""
    alt_text: str = ""
    length: int = 0
    upload_key: str = ""
    content: bytes = b""
    completed: bool = False


@dataclass
class Message:
    channel: str
    ts: str
    user: str
    text: str
    blocks: Blocks = field(default_factory=list)
    bot_id: str = ""
    thread_ts: str = ""
    edited: str = ""
    ephemeral_to: str = ""
    metadata: Json | None = None
    files: list[str] = field(default_factory=list)  # ids

    @property
    def is_app(self) -> bool:
        return bool(self.bot_id)


@dataclass
class Installation:
    team_id: str
    bot_user_id: str
    bot_id: str
    scopes: list[str]
    token: str
    installer: str
    active: bool = True


@dataclass
class View:
    """A modal that is open, or a published Home."""

    id: str
    team_id: str
    user_id: str
    hash: str
    payload: Json  # as the app gave it, ids filled in
    root_view_id: str = ""
    previous_view_id: str | None = None
    typed: Typed = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    busy: bool = False

    @property
    def blocks(self) -> Blocks:
        return list(self.payload.get("blocks") or [])

    @property
    def callback_id(self) -> str:
        return str(self.payload.get("callback_id") or "")

    @property
    def external_id(self) -> str:
        return str(self.payload.get("external_id") or "")
