"""What CSMs do, and what the customer answers."""

from dataclasses import dataclass
from datetime import datetime

from flows.csm.facts import Need
from flows.vocabulary import Happened


class CredentialsConfirmed(Happened):
    kind = "credentials_confirmed"


@dataclass(frozen=True, slots=True)
class CredentialsRejected(Happened):
    kind = "credentials_rejected"
    reason: str


@dataclass(frozen=True, slots=True)
class SourcesRejected(Happened):
    kind = "sources_rejected"
    reason: str


@dataclass(frozen=True, slots=True)
class ArrivalRejected(Happened):
    """A CSM had said that data arrives, and it does not."""

    kind = "arrival_rejected"
    reason: str


@dataclass(frozen=True, slots=True)
class ReplayRejected(Happened):
    kind = "replay_rejected"
    reason: str


class Claimed(Happened):
    kind = "claimed"


class Unclaimed(Happened):
    kind = "unclaimed"


@dataclass(frozen=True, slots=True)
class Assigned(Happened):
    """Another CSM became the owner."""

    kind = "handed_to"
    to: str


@dataclass(frozen=True, slots=True)
class AccountSet(Happened):
    """Which Toplyne account this is. Empty means that it was taken back."""

    kind = "account_set"
    account: str


@dataclass(frozen=True, slots=True)
class CsmWrote(Happened):
    """`name` is the CSM's. `answers` is the number of the matter that it ends, or None."""

    kind = "csm_wrote"
    to: str
    text: str
    name: str
    number: int = 0
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class CustomerReplied(Happened):
    """`seen` is the newest number there was when the answer was begun. None: that is not known."""

    kind = "customer_replied"
    text: str
    number: int = 0  # of the matter
    seen: int | None = None

    def is_answer_to(self, reader: str, number: int) -> bool:
        """Whether its reader may have read what has this number when they began to answer."""
        return reader == self.stamp.by and (self.seen is None or number <= self.seen)


class ReplyWithheld(Happened):
    """The reply held a secret. None of it is kept."""

    kind = "reply_withheld"


@dataclass(frozen=True, slots=True)
class Unreached(Happened):
    """Slack never took a message for this person. `what` is the kind of its body."""

    kind = "unreached"
    to: str
    what: str


@dataclass(frozen=True, slots=True)
class PassedOn(Happened):
    """What a CSM wrote to somebody who cannot answer any more went to somebody else.

    `number` is that of what was written; 0, before any answer, in what earlier versions stored.
    """

    kind = "passed_on"
    instead_of: str
    to: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class MattersAnswered(Happened):
    """These matters were dealt with elsewhere. Empty means all."""

    kind = "answered"
    matters: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelCalled(Happened):
    """The channel was called: nobody owned the customer while this was open.

    `by` is the person who opened it, if a person did.
    """

    kind = "channel_called"
    matter: Need
    since: datetime
    by: str = ""
