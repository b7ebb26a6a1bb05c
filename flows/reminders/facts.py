"""What is remembered about reminders: a part of an integration's facts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

PASSED_OVER = timedelta(days=1)  # shorter than the time between two reminders


class Role(StrEnum):
    """Why this person is reminded."""

    DID_LAST = "did_last"  # or may do it, while whoever did the last step may not
    ASKED = "asked"  # a colleague said that this person must do it
    PARTICIPANT = "took_part"  # in the place of whoever did the last step
    INSTALLER = "installer"
    CSM = "csm"  # nobody at the customer is left


@dataclass(frozen=True, slots=True)
class Reminded:
    """One reminder: its `Blocker` value, its number in the series, and its reader.

    `to` is empty if nobody at the customer could be reminded and the CSM was told. That is no step
    of the series. `to` is empty too if the set-up had had all its reminders; there is no number.
    `asks` is the day on which Segment wanted to start the Replay, if it asked whether that is so.
    """

    blocker: str
    number: int
    at: datetime
    to: str
    is_last: bool = False
    asks: date | None = None

    @property
    def reached_nobody(self) -> bool:
        return bool(self.number) and not self.to

    def key(self, integration_id: str) -> str:
        """The key of the message. It stays unique when a set-up begins again."""
        when = int(self.at.timestamp() * 1000)
        return f"reminder:{integration_id}:{self.blocker}:{self.number}:{when}"


@dataclass(frozen=True, slots=True)
class Snooze:
    """No reminder before `until`. `of_toplyne`: a CSM asked for it."""

    until: datetime
    by: str
    at: datetime
    of_toplyne: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """Who stopped reminders, and when. An empty `blocker` means all reminders."""

    blocker: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Slack took no message for this person then."""

    user_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reminders:
    """`postponed` is when a reminder comes that was due outside the person's working hours,
    while nobody was there, or while nobody could know whether it is still so.

    `stuck` is the blocker whose last reminder arrived, so that the CSM was told. `refused` are the
    people who are passed over for a while. `before` is when the last reminder of an earlier set-up
    was sent: the next one keeps its distance, and nothing else of it counts.
    """

    sent: tuple[Reminded, ...] = ()
    snooze: Snooze | None = None
    quiet: tuple[Quiet, ...] = ()
    postponed: datetime | None = None
    stuck: str = ""
    refused: tuple[Unreachable, ...] = ()
    before: datetime | None = None

    @property
    def given(self) -> tuple[Reminded, ...]:
        """Those that had a reader, a CSM too if there were no more."""
        return tuple(each for each in self.sent if not each.reached_nobody)

    @property
    def with_reader(self) -> tuple[Reminded, ...]:
        """Those of which somebody at the customer has a message."""
        return tuple(each for each in self.sent if each.to)

    @property
    def count(self) -> int:
        """How many people at the customer got in the life of the set-up."""
        return sum(bool(each.number) for each in self.given)

    def unreachable(self, now: datetime) -> frozenset[str]:
        """Whom Slack refused lately. Later they are tried again."""
        return frozenset(each.user_id for each in self.refused if now - each.at < PASSED_OVER)

    def is_quiet(self, blocker: str) -> bool:
        return any(asked.blocker in ("", blocker) for asked in self.quiet)

    def put_off(self, blocker: str, now: datetime) -> Quiet | Snooze | None:
        """Why nobody is reminded of this blocker now. A stop counts before a snooze."""
        for asked in self.quiet:
            if asked.blocker in ("", blocker):
                return asked
        return self.snooze if self.snooze and self.snooze.until > now else None

    @property
    def is_all_quiet(self) -> bool:
        return any(not asked.blocker for asked in self.quiet)
