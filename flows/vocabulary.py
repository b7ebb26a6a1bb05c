"""The words that all else is made of: people, plans, what Segment has, what Slack told us."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

# A character that somebody can see: in Segment there are names of nothing but blanks and invisible
# ones. A pattern, because labels are made everywhere and `flows.pasted.visible` takes its time.
SEEN = re.compile(
    r"[^\s\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    r"\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u2800\u3164\ufe0e\ufe0f\ufeff"
    r"\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)

AGENT = "connect-segment"  # how the bot introduces itself to servers that it asks

LEAVING = ("app_uninstalled", "tokens_revoked")  # Slack's events that the app leaves, in any order


class Plan(StrEnum):
    """The Segment plan as the customer declared it. No Segment API tells it."""

    FREE = "free"
    TEAM = "team"
    BUSINESS = "business"


class Region(StrEnum):
    """Where a Segment workspace lives. It is fixed at creation."""

    US = "us"
    EU = "eu"

    @property
    def other(self) -> "Region":
        return Region.EU if self is Region.US else Region.US


class CallType(StrEnum):
    IDENTIFY = "identify"
    TRACK = "track"
    PAGE = "page"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person in Slack who acts, and the workspace they act in."""

    tenant_id: str  # the installation: the organisation's id if it is org-wide, else the team's
    team_id: str
    user_id: str
    enterprise_id: str = ""
    home_team_id: str = ""  # the person's own workspace; in an organisation it can be another one
    request: str = field(default="", compare=False)  # by which they act: a hash of its signature


@dataclass(frozen=True, slots=True)
class Person:
    """What Slack says about a person: a time zone for `flows.reminders.hours`, and a locale
    such as `en-US`.

    `teams` are the person's own Slack workspaces. The workspace that was asked need not be one of
    them. `enterprise_id` is the organisation that these belong to, if there is one.
    `is_full_member` is false for guests, strangers and bots. `admin_of` are those of the teams of
    which the person is an admin or owner.
    """

    time_zone: str
    locale: str
    is_active: bool
    name: str = ""
    teams: tuple[str, ...] = ()
    is_full_member: bool = True
    is_bot: bool = False
    admin_of: tuple[str, ...] = ()
    enterprise_id: str = ""

    def is_member_of(self, place_id: str) -> bool:
        """Whether this is a full member who is still there, of a Slack workspace or of an
        organisation.
        """
        is_there = place_id in (*self.teams, self.enterprise_id)
        return self.is_active and self.is_full_member and is_there


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did something, and when (UTC).

    A person `of_toplyne` is not in the customer's Slack and cannot be mentioned there.
    """

    by: str
    at: datetime
    of_toplyne: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """What every event of the history has: who and when. `stamp.by` is empty if the app noticed.

    `kind` is its name in storage, which never changes.
    """

    kind: ClassVar[str]
    stamp: Stamp


class Named:
    """Something of Segment's that has a name, which nobody may be able to see, and a slug."""

    __slots__ = ()
    slug: str
    name: str

    @property
    def label(self) -> str:
        """The name, or the slug where nobody could see the name."""
        return self.name if SEEN.search(self.name) else self.slug


@dataclass(frozen=True, slots=True)
class Workspace(Named):
    """A Segment workspace. An unverified one is known only by its slug."""

    slug: str
    id: str = ""
    name: str = ""

    def is_same(self, found: "Workspace") -> bool:
        """Compares ids if both are known, else slugs."""
        if self.id and found.id:
            return self.id == found.id
        return self.slug.casefold() == found.slug.casefold()


@dataclass(frozen=True, slots=True)
class Source(Named):
    id: str
    slug: str
    name: str = ""


class TokenState(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"  # it no longer opens its workspace
    LACKS_CALL = "lacks_call"  # it opens its workspace, but a necessary call is refused


@dataclass(frozen=True, slots=True)
class TokenHealth:
    """Whether Segment accepts the token, and since when. `call` is the call that it lacks."""

    state: TokenState
    since: datetime
    call: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """What we keep of a Slack event until it is processed. `text`: typed, and may be passed on."""

    event_id: str
    kind: str
    team_id: str = ""
    user_id: str = ""
    at: datetime | None = None  # from Slack, in whole seconds
    team_ids: tuple[str, ...] = ()  # that an organisation's admin granted or took away
    holds_secret: bool = False  # whether a message to the app seemed to
    text: str = ""
