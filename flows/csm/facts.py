"""What CSMs did and still have to do about one customer: a part of the facts of an integration."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.vocabulary import Stamp


class Need(StrEnum):
    """Why a CSM should look at a customer: what people ask for, then what the app has noticed."""

    HELP = "help"
    REPLIED = "replied"
    UNCONFIRMED = "unconfirmed"  # credentials that only a CSM can confirm
    CONFIRM = "confirm"  # anything else that only a CSM can say
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - not a token
    BROKEN = "broken"  # anything else that worked
    STUCK = "stuck"
    REPLAY_OVERDUE = "replay_overdue"
    UNINSTALLED = "uninstalled"
    UNOWNED = "unowned"

    @property
    def urgency(self) -> int:
        """The smallest first; what is equally urgent goes by age."""
        return next(at for at, equal in enumerate(_BY_URGENCY) if self in equal)


_BY_URGENCY = (
    (Need.HELP,),
    (Need.REPLIED,),
    (Need.UNCONFIRMED, Need.CONFIRM),
    (Need.TOKEN_REVOKED, Need.BROKEN),
    (Need.STUCK,),
    (Need.REPLAY_OVERDUE,),
    (Need.UNINSTALLED,),
    (Need.UNOWNED,),
)


ASKED = (Need.HELP, Need.REPLIED)


@dataclass(frozen=True, slots=True)
class MatterEnd:
    """Who ended a matter and when; `answer` is the number of the message that did, if one did."""

    stamp: Stamp
    answer: int = 0


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that a CSM should look at, until it is ended.

    Each has a number of its own, but those of earlier versions (0). `by` opened it and `asked`
    that; both are empty where the app noticed it by itself.
    """

    reason: Need
    since: datetime
    number: int = 0
    by: str = ""
    asked: str = ""  # the beginning of it; what looks like a secret never comes here
    ended: MatterEnd | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """When a working day since then is over, or that the whole channel was called (`made`)."""

    reason: Need
    since: datetime
    at: datetime
    made: bool = False
    number: int = 0  # of the matter, where it is about one


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

    `matters` are in the order in which they began, with some that ended; what is so only while
    something else holds is not among them but derived, by `flows.csm.needs`. `numbered` counts
    matters and messages of CSMs.
    """

    owner: Stamp | None = None  # whose customer it is, since when
    account: str = ""  # the Toplyne account, as CSMs name it
    account_set: Stamp | None = None
    matters: tuple[Matter, ...] = ()
    calls: tuple[Called, ...] = ()
    rejection: Rejection | None = None
    numbered: int = 0

    @property
    def open_matters(self) -> tuple[Matter, ...]:
        return tuple(matter for matter in self.matters if matter.ended is None)

    @property
    def questions(self) -> tuple[Matter, ...]:
        """What people asked and nobody has answered yet."""
        return tuple(matter for matter in self.open_matters if matter.reason in ASKED)


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
