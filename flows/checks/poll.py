"""Polls Segment while nobody waits: when to ask, and what to do with the answer."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from pydantic import SecretStr

from flows.checks.conclude import Concluder
from flows.checks.delivery import observe_sources
from flows.checks.segment import Segment
from flows.checks.token import is_revoked
from flows.errors import SegmentError, SegmentRefused
from flows.model import Integration, Observed, Situation, SourceStatus
from flows.ports import UnitOfWork
from flows.recording import Recorder
from flows.setup.blockers import first_blocker, is_watched
from flows.vocabulary import Actor, TokenHealth, TokenState

Learned = tuple[SourceStatus, ...] | TokenHealth | None

WAITS = timedelta(minutes=10)  # somebody who viewed live sync is assumed to wait this long
WHILE_WAITING = timedelta(minutes=1)
WHEN_COMPLETE = timedelta(days=1)
# An interval shorter than this means that the operator is trying something out. It then applies
# to complete set-ups too.
TRYING_OUT = timedelta(minutes=1)
MOST_FAILURES = 3  # after these the pause grows no more: eight times the usual one
LONGEST = timedelta(hours=1)  # between two polls, if only failures would make it longer
SPREAD = 0.1  # how much earlier a poll may come, so that not all come at once


def waits_already(shown: Situation) -> bool:
    """Whether nothing new would be written down: it was a moment ago, or nothing is watched."""
    waited = shown.observed.waited_at
    lately = waited is not None and shown.now - waited < WHILE_WAITING
    return lately or not is_watched(shown.integration)


async def look_soon(
    recorder: Recorder, actor: Actor, shown: Situation, interval: timedelta
) -> None:
    """Has Segment asked more often for a while, because somebody waits for its answer."""
    integration_id = shown.integration.id
    async with recorder.uow(actor.tenant_id) as work:
        now = await recorder.waited(work, await recorder.load(work, integration_id))
        at = next_poll(now.integration, now.observed, interval)
        await work.overviews.plan_poll(integration_id, at)  # nothing else follows from it
        await work.commit()


class Poller:
    """Polls Segment. `longest` is how long one poll may take, in real seconds."""

    def __init__(
        self, recorder: Recorder, segment: Segment, concluder: Concluder, longest: float
    ) -> None:
        self._recorder = recorder
        self._segment = segment
        self._concluder = concluder
        self._longest = longest

    async def poll(self, tenant_id: str, integration_id: str) -> None:
        """Asks Segment once about one integration."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
            token = await work.vault.get(integration_id)
        if not token or not situation.integration.sources:
            return await self._record(tenant_id, integration_id, token, ())
        learned = await self._look(token, situation)
        return await self._record(tenant_id, integration_id, token, learned)

    async def _look(self, token: SecretStr, situation: Situation) -> Learned:
        """None if the poll brought nothing. That is nobody's fault, and the next comes later."""
        integration, now = situation.integration, situation.now
        access = self._segment.access(token, integration.region)
        try:
            async with asyncio.timeout(self._longest):
                try:
                    before = situation.observed.statuses
                    return await observe_sources(access, integration.sources, before, now)
                except SegmentRefused as refusal:
                    if await is_revoked(access):
                        return TokenHealth(TokenState.REFUSED, now)
                    return TokenHealth(TokenState.LACKS_CALL, now, refusal.call)
        except (SegmentError, TimeoutError):
            return None

    async def _record(
        self, tenant_id: str, integration_id: str, token: SecretStr | None, learned: Learned
    ) -> None:
        async with self._recorder.uow(tenant_id) as work:
            situation = await self._recorder.load(work, integration_id)
            if await work.vault.get(integration_id) != token:
                learned = ()  # the token has been replaced meanwhile
            if learned and not isinstance(learned, TokenHealth):
                await self._concluder.look(work, situation, learned, None)
            else:
                await self._note(work, situation, learned)
            await work.commit()

    async def _note(self, work: UnitOfWork, situation: Situation, learned: Learned) -> None:
        """Stores what was learned other than the state of the sources."""
        integration, observed = situation.integration, situation.observed
        failures = observed.failures + 1 if learned is None else 0
        await work.observations.put_looked(integration.id, situation.now, failures)
        observed = replace(observed, looked_at=situation.now, failures=failures)
        if isinstance(learned, TokenHealth):
            health = still(observed.token, learned)
            await work.observations.put_token(integration.id, health)
            observed = replace(observed, token=health)
        await self._recorder.refresh(work, replace(situation, observed=observed))


def still(before: TokenHealth | None, now: TokenHealth) -> TokenHealth:
    """Keeps the beginning of a state that has not changed."""
    return replace(now, since=before.since) if before and before.state is now.state else now


# --- when (pure) ----------------------------------------------------------------------------------


def next_poll(integration: Integration, observed: Observed, interval: timedelta) -> datetime | None:
    """When Segment is polled next; None if nothing is watched.

    `interval` is the operator's setting. No poll comes later than that while something is
    outstanding and Segment answers.
    """
    if not is_watched(integration) or integration.sources_chosen is None:
        return None
    last = observed.looked_at or integration.sources_chosen.at
    pause = _pause(integration, observed, interval, last)
    return last + _after_failures(pause, observed.failures) * _share(integration.id)


def farthest_poll(interval: timedelta) -> timedelta:
    """No poll is planned further ahead than this, unless a clock was fast."""
    return max(interval, WHEN_COMPLETE) + LONGEST


def _pause(
    integration: Integration, observed: Observed, interval: timedelta, last: datetime
) -> timedelta:
    waited = observed.waited_at
    if waited and last < waited + WAITS:
        return min(interval, WHILE_WAITING)
    return usual_pause(integration, observed, interval)


def usual_pause(integration: Integration, observed: Observed, interval: timedelta) -> timedelta:
    """The pause between two polls while nobody waits and Segment answers."""
    if interval < TRYING_OUT or first_blocker(integration, observed):
        return interval
    return max(interval, WHEN_COMPLETE)


def _after_failures(pause: timedelta, failures: int) -> timedelta:
    longer: timedelta = pause * (1 << min(failures, MOST_FAILURES))
    return max(pause, min(longer, LONGEST))


def _share(integration_id: str) -> float:
    """A number between 0.9 and 1 that is always the same for one integration."""
    digest = sha256(integration_id.encode()).digest()
    return 1.0 - SPREAD * int.from_bytes(digest[:4]) / 2**32
