"""The words that everything else is made of: people, plans, and what Segment has."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Plan(StrEnum):
    """The Segment plan, as declared by the customer: no Segment API tells it."""

    FREE = "free"
    TEAM = "team"
    BUSINESS = "business"


class Region(StrEnum):
    """Where a Segment workspace lives; fixed when it is made."""

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
    """A person in Slack: who acts, and in which Slack workspace."""

    tenant_id: str  # the installation: the organisation's id if it is org-wide, else the team's
    team_id: str
    user_id: str
    enterprise_id: str = ""
    home_team_id: str = ""  # of the person: in an organisation it can be another workspace


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did something, and when (UTC).

    Somebody `of_toplyne` is not in the customer's Slack and cannot be mentioned there.
    """

    by: str
    at: datetime
    of_toplyne: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """What each event of the history has: who and when; `stamp.by` is empty when the app noticed.

    `kind` is its name in storage, which never changes.
    """

    kind: ClassVar[str]
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Segment workspace. Unverified ones are known by their slug alone."""

    slug: str
    id: str = ""
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or self.slug


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    slug: str
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or self.slug


class TokenState(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"  # it does not open its workspace any more
    LACKS_CALL = "lacks_call"  # it does, and a call that is needed is refused


@dataclass(frozen=True, slots=True)
class TokenHealth:
    """Whether Segment takes the token, and since when; `call` is the one that it lacks."""

    state: TokenState
    since: datetime
    call: str = ""
