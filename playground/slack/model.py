"""The records that make up a Slack workspace. All of them are plain JSON."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

Json = dict[str, Any]
Blocks = list[Json]
TypedKey = tuple[str, str]
Typed = dict[TypedKey, Json]


@dataclass
class Enterprise:
    """An Enterprise Grid org. Its workspaces name it in `enterprise_id`."""

    id: str
    name: str
    domain: str


@dataclass
class Team:
    id: str
    name: str
    domain: str
    is_listed: bool = True  # the page offers to act as its people
    enterprise_id: str = ""


@dataclass
class User:
    """`team_id` is their home. People of an org may be members of more workspaces."""

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
    is_single_channel_guest: bool = False
    is_stranger: bool = False  # of a connected workspace
    deleted: bool = False
    other_teams: list[str] = field(default_factory=list)
    is_org_admin: bool = False
    refusal: str = ""  # Slack's error for the app's direct messages to them: `refusals.OF_READERS`
    tz_is_named: bool = True  # else Slack says only how far it is from UTC

    @property
    def teams(self) -> list[str]:
        """All workspaces of which this person is a member, home first."""
        return [self.team_id, *self.other_teams]

    def seen_in(self, team_id: str) -> "User":
        """The same person in another of their workspaces, which takes the place of home."""
        if team_id == self.team_id:
            return self
        others = [team for team in self.teams if team != team_id]
        return replace(self, team_id=team_id, other_teams=others)


@dataclass
class Channel:
    id: str
    team_id: str
    name: str
    kind: Literal["channel", "im"] = "channel"
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False  # with another company, by Slack Connect
    refusal: str = ""  # Slack's error for what the app writes here: `refusals.OF_PLACES`
    user: str = ""  # the person, if this is a direct message with the app
    invites_app: bool = False  # people here add the app as soon as it is installed


@dataclass
class File:
    """A file that the app uploads. Nobody sees it before the upload is completed."""

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
    """In one workspace, or org-wide. Org-wide, `team_id` is empty and workspaces are granted.

    With token rotation, an earlier token works on until it expires.
    """

    team_id: str
    bot_user_id: str
    bot_id: str
    scopes: list[str]
    token: str
    installer: str
    active: bool = True
    enterprise_id: str = ""
    granted: list[str] = field(default_factory=list)
    refresh_token: str = ""  # the only one that works, with token rotation
    expiring: dict[str, float] = field(default_factory=dict)  # until when each token works

    @property
    def id(self) -> str:
        """The id of the workspace or org where the app is installed."""
        return self.team_id or self.enterprise_id

    @property
    def tokens(self) -> set[str]:
        """The newest one, and earlier ones, which work until they expire."""
        return {self.token, *self.expiring}

    @property
    def is_enterprise_install(self) -> bool:
        return not self.team_id

    def serves(self, team_id: str) -> bool:
        """Whether the token may be used for this workspace."""
        return team_id in self.granted if self.is_enterprise_install else team_id == self.team_id


@dataclass
class View:
    """An open modal, or a published Home.

    `app_team_id` is the id of the workspace or org where the app is installed.
    """

    id: str
    team_id: str
    user_id: str
    hash: str
    payload: Json  # as the app sent it, with ids filled in
    root_view_id: str = ""
    previous_view_id: str | None = None
    typed: Typed = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    busy: bool = False
    app_team_id: str = ""

    @property
    def blocks(self) -> Blocks:
        return list(self.payload.get("blocks") or [])

    @property
    def callback_id(self) -> str:
        return str(self.payload.get("callback_id") or "")

    @property
    def external_id(self) -> str:
        return str(self.payload.get("external_id") or "")
