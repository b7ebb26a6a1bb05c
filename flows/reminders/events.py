"""What happens with reminders."""

from dataclasses import dataclass
from datetime import datetime

from flows.reminders.facts import Role
from flows.setup.blockers import Blocker
from flows.vocabulary import Happened, Source


@dataclass(frozen=True, slots=True)
class ReminderSent(Happened):
    """From `closes` on, it is too late in the day to send it."""

    kind = "reminded"
    blocker: Blocker
    number: int
    to: str
    role: Role
    source: Source | None = None
    instead_of: str = ""
    is_last: bool = False
    closes: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReminderNotSent(Happened):
    """It was not wanted any more when it could be sent, or Slack took nothing for this person."""

    kind = "reminder_not_sent"
    blocker: Blocker
    to: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class NobodyToRemind(Happened):
    """Nobody at the customer is left to remind."""

    kind = "nobody_to_remind"
    blocker: Blocker
    number: int
    source: Source | None = None
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class RanOut(Happened):
    """The last reminder had no effect: the customer is stuck."""

    kind = "ran_out"
    blocker: Blocker
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Snoozed(Happened):
    kind = "snoozed"
    until: datetime


@dataclass(frozen=True, slots=True)
class AskedForQuiet(Happened):
    """Quiet about one blocker, or about all (None)."""

    kind = "asked_for_quiet"
    blocker: Blocker | None = None


class RemindersResumed(Happened):
    kind = "reminders_resumed"
