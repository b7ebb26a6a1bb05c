"""What CSMs did and still have to do about one customer: a part of the facts of an integration."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.vocabulary import Stamp


class Reason(StrEnum):
    """Why a CSM should look at a customer; of each there is at most one open matter."""

    STUCK = "stuck"
    UNCONFIRMED = "unconfirmed"  # credentials that only a CSM can confirm
    HELP = "help"
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - not a token
    UNINSTALLED = "uninstalled"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that a CSM should look at, and since when."""

    reason: Reason
    since: datetime


@dataclass(frozen=True, slots=True)
class Called:
    """When the whole channel is called about one matter that nobody owns, or was (`made`)."""

    reason: Reason
    since: datetime
    at: datetime
    made: bool = False


class Rejectable(StrEnum):
    """What a CSM can send back to the customer."""

    CREDENTIALS = "credentials"
    SOURCES = "sources"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Rejection:
    """What must be corrected before the set-up goes on; rejected credentials say it themselves."""

    what: Rejectable
    reason: str
    rejected: Stamp


@dataclass(frozen=True, slots=True)
class CsmFacts:
    """Stays when a customer disconnects.

    `matters` are in the order in which they began; what only waits for a CSM while something
    holds is not among them but derived, by `flows.attention`. Of `calls` there is one a reason.
    """

    owner: Stamp | None = None  # whose customer it is, since when
    account: str = ""  # the Toplyne account, as CSMs name it
    account_set: Stamp | None = None
    matters: tuple[Attention, ...] = ()
    calls: tuple[Called, ...] = ()
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """The message in the CSM channel that stands for one customer."""

    integration_id: str
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class ChannelBinding:
    channel_id: str
    bound: Stamp
