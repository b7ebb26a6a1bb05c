"""What happens to a Replay request."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from flows.setup.blockers import Blocked
from flows.vocabulary import Happened, Plan, Region, Source


@dataclass(frozen=True, slots=True)
class ReplayRequested(Happened):
    kind = "replay_requested"
    number: int


class ReplaySent(Happened):
    kind = "replay_sent"


class ReplaySentUndone(Happened):
    """It was not sent after all."""

    kind = "replay_sent_undone"


@dataclass(frozen=True, slots=True)
class ReplayQuestioned(Happened):
    """Segment asked the customer something about the request."""

    kind = "replay_question"
    note: str
    number: int = 0  # of the matter


@dataclass(frozen=True, slots=True)
class ReplayScheduled(Happened):
    """What Segment promised, as far as it did, and the promised day that has passed without it.

    `mistaken` is a day that somebody had reported and that Segment did not name.
    """

    kind = "replay_scheduled"
    on: date | None = None
    ticket: str = ""
    missed: date | None = None
    mistaken: date | None = None


class ReplayRunning(Happened):
    kind = "replay_running"


class ReplayRunningUndone(Happened):
    """It had not started after all."""

    kind = "replay_running_undone"


class ReplayFinished(Happened):
    kind = "replay_finished"


class ReplayFinishedUndone(Happened):
    """It had not ended after all."""

    kind = "replay_finished_undone"


class ReplayConfirmed(Happened):
    """Toplyne sees the history."""

    kind = "replay_confirmed"


class ReplayConfirmedUndone(Happened):
    """Toplyne does not see the history after all. The reported end stays."""

    kind = "replay_confirmed_undone"


class News(StrEnum):
    """What a customer is told of a CSM's report. Each follows from one kind of `event`."""

    event: type[Happened]

    def __new__(cls, value: str, event: type[Happened]) -> "News":
        news = str.__new__(cls, value)
        news._value_, news.event = value, event
        return news

    SCHEDULED = "replay_scheduled", ReplayScheduled
    NO_DAY = "replay_no_day", ReplayScheduled  # the day that was reported is a mistake
    RUNNING = "replay_running", ReplayRunning
    NOT_SENT = "replay_not_sent", ReplaySentUndone
    NOT_RUNNING = "replay_not_running", ReplayRunningUndone
    NOT_FINISHED = "replay_not_finished", ReplayFinishedUndone
    CONFIRMED = "replay_confirmed", ReplayConfirmed
    NOT_CONFIRMED = "replay_not_confirmed", ReplayConfirmedUndone


def news_of(event: Happened) -> News | None:
    """What this is to the customer if a CSM reported it. An end is told by its `Completed`."""
    if isinstance(event, ReplayScheduled):
        return News.NO_DAY if event.mistaken else News.SCHEDULED
    return next((news for news in News if news.event is type(event)), None)


class Left(StrEnum):
    """Why something is open although the set-up has ended."""

    SOURCE = "source"  # does not deliver, or no more
    HISTORY = "history"  # of sources that went live after the Replay
    QUESTION = "question"  # nobody has answered yet
    UNCONFIRMED = "unconfirmed"  # Toplyne has not said that it has the history


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """One thing that is open: what keeps a source back, which sources, or who asked or replied."""

    what: Left
    blocked: Blocked | None = None
    sources: tuple[Source, ...] = ()
    by: str = ""
    replied: bool = False  # to a CSM, rather than asked


@dataclass(frozen=True, slots=True)
class Completed(Happened):
    """The whole set-up in short. `left_open` counts what `ends` names; earlier versions kept the
    number alone.
    """

    kind = "completed"
    workspace: str
    region: Region
    sources: tuple[str, ...]
    start: datetime
    end: datetime
    everything: bool
    left_open: int
    plan: Plan | None = None
    ends: tuple[OpenEnd, ...] = ()
