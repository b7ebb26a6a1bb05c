"""When Segment is asked again: from facts and observations alone."""

from datetime import datetime, timedelta
from hashlib import sha256

from flows.model import Integration, Observed, Situation
from flows.recording import Recorder
from flows.setup.blockers import first_blocker, is_watched
from flows.vocabulary import Actor

WAITS = timedelta(minutes=10)  # so long somebody is thought to wait who looked at live sync
WHILE_WAITING = timedelta(minutes=1)
WHEN_COMPLETE = timedelta(days=1)
# Beneath this, the operator looks on while something is tried out: then it holds at all times.
TRYING_OUT = timedelta(minutes=1)
MOST_FAILURES = 3  # after which the distance grows no more: eight times the usual one
LONGEST = timedelta(hours=1)  # between two looks, where failures alone would make it longer
SPREAD = 0.1  # how much earlier a look may come, so that not all come at once


def next_poll(integration: Integration, observed: Observed, interval: timedelta) -> datetime | None:
    """None when nothing is watched. `interval` is the operator's, never exceeded while something
    is outstanding and Segment answers.
    """
    if not is_watched(integration) or integration.sources_chosen is None:
        return None
    last = observed.looked_at or integration.sources_chosen.at
    pause = _pause(integration, observed, interval, last)
    return last + _after_failures(pause, observed.failures) * _share(integration.id)


async def look_soon(
    recorder: Recorder, actor: Actor, shown: Situation, interval: timedelta
) -> None:
    """Somebody waits for what Segment says: from now on it is asked more often for a while."""
    integration_id = shown.integration.id
    async with recorder.uow(actor.tenant_id) as work:
        now = await recorder.waited(work, await recorder.load(work, integration_id))
        at = next_poll(now.integration, now.observed, interval)
        await work.overviews.plan_poll(integration_id, at)  # nothing else follows from it
        await work.commit()


def farthest_poll(interval: timedelta) -> timedelta:
    """No look is planned further ahead than this, unless by a clock that was ahead itself."""
    return max(interval, WHEN_COMPLETE) + LONGEST


def _pause(
    integration: Integration, observed: Observed, interval: timedelta, last: datetime
) -> timedelta:
    waited = observed.waited_at
    if waited and last < waited + WAITS:
        return min(interval, WHILE_WAITING)
    return usual_pause(integration, observed, interval)


def usual_pause(integration: Integration, observed: Observed, interval: timedelta) -> timedelta:
    """Between two looks while nobody waits and Segment answers."""
    if interval < TRYING_OUT or first_blocker(integration, observed):
        return interval
    return max(interval, WHEN_COMPLETE)


def _after_failures(pause: timedelta, failures: int) -> timedelta:
    longer: timedelta = pause * (1 << min(failures, MOST_FAILURES))
    return max(pause, min(longer, LONGEST))


def _share(integration_id: str) -> float:
    """Between 0.9 and 1, always the same for one integration."""
    digest = sha256(integration_id.encode()).digest()
    return 1.0 - SPREAD * int.from_bytes(digest[:4]) / 2**32
