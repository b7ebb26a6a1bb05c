"""What CSMs did and still have to do for one customer: a part of an integration's facts."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from flows.errors import ErrorCode, Field, FieldError
from flows.vocabulary import Stamp


class Place(StrEnum):
    """Where somebody wants the cards of all customers."""

    OWN = "own"
    SHARED = "shared"  # with another company, or about to be
    UNSEEN = "unseen"  # the app is not let in
    DIRECT = "direct"  # no channel: people's own conversation
    UNTOLD = "untold"  # the app may not ask Slack


class Need(StrEnum):
    """Why a CSM should look at a customer: what people ask for, then what the app noticed.

    `urgency` is the rank, smallest first. Equally urgent needs are ordered by age.
    """

    urgency: int

    def __new__(cls, value: str, urgency: int = 0) -> "Need":
        need = str.__new__(cls, value)
        need._value_, need.urgency = value, urgency
        return need

    HELP = "help", 0
    REPLIED = "replied", 1
    UNCONFIRMED = "unconfirmed", 2  # credentials that only a CSM can confirm
    CONNECTED = "connected", 2  # Free: the customer says so, and only a CSM can see it
    CONFIRM = "confirm", 2  # anything else that only a CSM can say
    TOKEN_REVOKED = "token_revoked", 3
    BROKEN = "broken", 3  # anything else that worked
    STUCK = "stuck", 4
    REPLAY_OVERDUE = "replay_overdue", 5
    UNINSTALLED = "uninstalled", 6
    UNOWNED = "unowned", 7


URGENCIES = range(max(each.urgency for each in Need) + 1)


ASKED = (Need.HELP, Need.REPLIED)
MOST_OF_ONE = 10  # questions of one person since a CSM last wrote to them
MOST_WAITING = 50  # of one customer


@dataclass(frozen=True, slots=True)
class MatterEnd:
    """Who ended a matter, and when; nobody, if it ended by itself. `answer` is the number of the
    message that ended it, or 0.
    """

    stamp: Stamp
    answer: int = 0


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that a CSM should look at until it is ended.

    Each matter has its own number; those of earlier versions have 0. `by` opened it and asked
    `asked`. Both are empty if the app noticed it by itself. `heard`: a CSM has written to them
    since, if not about this.
    """

    reason: Need
    since: datetime
    number: int = 0
    by: str = ""
    asked: str = ""  # its beginning; text that looks like a secret never gets here
    ended: MatterEnd | None = None
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """When the working day after `since` ends, or, if `made`, when the channel was called."""

    reason: Need
    since: datetime
    at: datetime
    made: bool = False
    number: int = 0  # of the matter that it is about, if any


class Rejectable(StrEnum):
    """What a CSM can reject."""

    CREDENTIALS = "credentials"
    SOURCES = "sources"
    REPLAY = "replay"
    ARRIVAL = "arrival"  # on Free, what a CSM said; it stands until the customer says so again


@dataclass(frozen=True, slots=True)
class Rejection:
    """What must be corrected before the set-up goes on. Rejected credentials are marked there."""

    what: Rejectable
    reason: str
    rejected: Stamp


@dataclass(frozen=True, slots=True)
class CsmFacts:
    """The CSMs' facts. Owner and account stay when a customer disconnects; what is open ends.

    `matters` are in the order in which they began, and include some that ended. Needs that hold
    only while something else does are not stored but derived, by `flows.csm.needs`. `numbered`
    counts matters and the CSMs' messages. `rejection` is the newest, which earlier versions read
    alone; `rejected_too` are those of other kinds that stand beside it.
    """

    owner: Stamp | None = None  # the CSM whose customer it is, and since when
    account: str = ""  # the Toplyne account, as CSMs call it
    account_set: Stamp | None = None
    matters: tuple[Matter, ...] = ()
    calls: tuple[Called, ...] = ()
    rejection: Rejection | None = None
    numbered: int = 0
    rejected_too: tuple[Rejection, ...] = ()

    @property
    def rejections(self) -> tuple[Rejection, ...]:
        """What stands until it is corrected, newest first, at most one of each kind.

        `flows.setup.replays.rejection_of` knows of credentials, too.
        """
        return (self.rejection, *self.rejected_too) if self.rejection else self.rejected_too

    def with_rejection(self, rejection: Rejection) -> "CsmFacts":
        """With this one in place of another of its kind."""
        others = self.without_rejection(rejection.what).rejections
        return replace(self, rejection=rejection, rejected_too=others)

    def without_rejection(self, *kinds: Rejectable) -> "CsmFacts":
        """Without those of these kinds, which are corrected."""
        left = [each for each in self.rejections if each.what not in kinds]
        return replace(self, rejection=left[0] if left else None, rejected_too=tuple(left[1:]))

    @property
    def open_matters(self) -> tuple[Matter, ...]:
        return tuple(matter for matter in self.matters if matter.ended is None)

    @property
    def questions(self) -> tuple[Matter, ...]:
        """What people asked or replied, and nobody has answered yet."""
        return tuple(matter for matter in self.open_matters if matter.reason in ASKED)

    def why_not_asked(self, by: str, field: Field) -> FieldError | None:
        """Why somebody has to wait for a CSM's word before they ask more, if they have to."""
        waiting = [each for each in self.questions if not each.heard]
        if sum(each.by == by for each in waiting) >= MOST_OF_ONE:
            limit = {"limit": str(MOST_OF_ONE)}
            return FieldError(field, ErrorCode.TOO_MANY_QUESTIONS, limit)
        if len(waiting) >= MOST_WAITING:
            return FieldError(field, ErrorCode.QUESTIONS_FULL, {"limit": str(MOST_WAITING)})
        return None


@dataclass(frozen=True, slots=True)
class Card:
    """The message in the CSM channel that represents one customer.

    `drawn` is the fingerprint of what it shows; empty if that is not known.
    """

    integration_id: str
    channel_id: str
    ts: str
    drawn: str = ""


@dataclass(frozen=True, slots=True)
class ChannelBinding:
    """The channel that a CSM chose for all cards."""

    channel_id: str
    bound: Stamp
