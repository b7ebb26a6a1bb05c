"""What is remembered about reminders: a part of the facts of an integration."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Why this person is reminded."""

    DID_LAST = "did_last"
    ASKED = "asked"  # a colleague said that they must do it
    TOOK_PART = "took_part"
    INSTALLER = "installer"
    CSM = "csm"  # nobody of the customer's is left


@dataclass(frozen=True, slots=True)
class Reminded:
    """One reminder: about what (the value of a `Blocker`), to whom, as which of its series.

    `to` is empty when nobody of the customer's could be reminded and the CSM was told.
    """

    blocker: str
    number: int
    at: datetime
    to: str
    is_last: bool = False

    def key(self, integration_id: str) -> str:
        """Of the message: one for each reminder, also after a set-up has begun anew."""
        when = int(self.at.timestamp() * 1000)
        return f"reminder:{integration_id}:{self.blocker}:{self.number}:{when}"


@dataclass(frozen=True, slots=True)
class Snooze:
    """No reminder before `until`; `of_toplyne`: a CSM asked for it."""

    until: datetime
    by: str
    at: datetime
    of_toplyne: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """Who stopped reminders about one blocker, or all of them (empty), and when."""

    blocker: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reminders:
    """`postponed`: one was due outside the person's working hours and waits for this moment.

    `stuck`: the CSM knows already that this blocker stays, though the last reminder about it could
    not be sent in time and comes again.
    """

    sent: tuple[Reminded, ...] = ()
    snooze: Snooze | None = None
    quiet: tuple[Quiet, ...] = ()
    postponed: datetime | None = None
    stuck: str = ""

    def is_quiet(self, blocker: str) -> bool:
        return any(asked.blocker in ("", blocker) for asked in self.quiet)

    def put_off(self, blocker: str, now: datetime) -> Quiet | Snooze | None:
        """Why nobody is reminded of this blocker now: a stop counts before a snooze."""
        for asked in self.quiet:
            if asked.blocker in ("", blocker):
                return asked
        return self.snooze if self.snooze and self.snooze.until > now else None

    @property
    def is_all_quiet(self) -> bool:
        return any(not asked.blocker for asked in self.quiet)
