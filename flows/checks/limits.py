"""How often credentials may be tried, per person, Slack workspace and set-up: a pure rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from flows.errors import ErrorCode
from flows.vocabulary import Actor

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TryLimits:
    """For each of the three: this person, their Slack workspace, this set-up."""

    per_minute: int = 5
    per_day: int = 30


USUAL_LIMITS = TryLimits()


@dataclass(frozen=True, slots=True)
class Try:
    """Somebody entered credentials, whose check runs until a moment or has ended by then."""

    user_id: str
    team_id: str
    integration_id: str
    at: datetime
    runs_until: datetime


@dataclass(frozen=True, slots=True)
class TooSoon:
    """Why a try must wait, and for how many seconds."""

    code: ErrorCode
    wait: float


class Tries(Protocol):
    """Tries to enter credentials. Counted in real time, across all processes."""

    async def begin(
        self, who: Actor, integration_id: str, limits: TryLimits, lease: float
    ) -> TooSoon | None:
        """Counts a try, which runs for `lease` seconds at most, unless it comes too soon."""
        ...

    async def end(self, integration_id: str) -> None:
        """Lets the next try of this set-up begin."""
        ...


def too_soon(
    who: Actor, integration_id: str, tries: Sequence[Try], limits: TryLimits, now: datetime
) -> TooSoon | None:
    """`tries` are those of the last day in the tenant, oldest first."""
    here = [each for each in tries if each.integration_id == integration_id]
    ends = max((each.runs_until for each in here), default=now)
    if ends > now:
        return TooSoon(ErrorCode.CHECK_RUNNING, (ends - now).total_seconds())
    by_person = [each for each in tries if each.user_id == who.user_id]
    in_team = [each for each in tries if each.team_id == who.team_id]
    free_at = now
    for counted in (by_person, in_team, here):
        for most, span in ((limits.per_minute, MINUTE), (limits.per_day, DAY)):
            if len(counted) >= most:  # the last `most` of them must not lie within the span
                free_at = max(free_at, counted[-most].at + span)
    if free_at == now:
        return None
    return TooSoon(ErrorCode.TOO_MANY_TRIES, (free_at - now).total_seconds())
