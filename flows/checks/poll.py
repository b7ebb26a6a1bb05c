"""Polls Segment while nobody waits: when to ask, and what to do with the answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import SecretStr

from flows.checks.conclude import Concluder
from flows.checks.delivery import observe_sources
from flows.checks.segment import Access, Segment, SegmentSource
from flows.checks.token import is_revoked
from flows.errors import NoRoom, SecretLost, SegmentError, SegmentLimited, SegmentRefused
from flows.model import Situation, SourceStatus
from flows.ports import UnitOfWork
from flows.recording import Recorder
from flows.setup.blockers import first_blocker, is_watched
from flows.setup.progress import LONG_SILENT
from flows.vocabulary import Source, TokenHealth, TokenState

# The state of the sources or of the token; None: nothing, and that is not the customer's fault.
Learned = tuple[SourceStatus, ...] | TokenHealth | None

WAITS = timedelta(minutes=10)  # somebody who viewed live sync is assumed to wait this long
GOES_ON = timedelta(seconds=30)  # until a poll continues that did not reach all sources
WHILE_WAITING = timedelta(minutes=1)
WHEN_COMPLETE = timedelta(days=1)
# An interval shorter than this means that the operator is trying something out. It then applies
# to complete set-ups too.
TRYING_OUT = timedelta(minutes=1)
MOST_FAILURES = 3  # after these the pause grows no more: eight times the usual one
LONGEST_PAUSE = timedelta(hours=1)  # between two polls, if only failures would make it longer
# After the last look. Who has no key for a token may be the only one without: so others get a day
# to look, even if the last look is a day ago anyway.
LOST_AFTER = WHEN_COMPLETE + LONG_SILENT


def waits_already(shown: Situation) -> bool:
    """Whether nothing new would be written down: it was a moment ago, or nothing is watched."""
    waited = shown.observed.waited_at
    lately = waited is not None and shown.now - waited < WHILE_WAITING
    return lately or not is_watched(shown.integration)


def sooner(shown: Situation, interval: timedelta) -> datetime | None:
    """When Segment is asked because somebody waits for its answer; None: as it is planned."""
    if waits_already(shown):
        return None
    waiting = replace(shown.observed, waited_at=shown.now)
    return next_poll(replace(shown, observed=waiting), interval)


class Poller:
    """Polls Segment. `longest` is how long one poll may take, in real seconds."""

    def __init__(
        self, recorder: Recorder, segment: Segment, concluder: Concluder, longest: float
    ) -> None:
        self._recorder = recorder
        self._segment = segment
        self._concluder = concluder
        self._longest = longest

    async def poll(self, tenant_id: str, integration_id: str) -> datetime | None:
        """Asks Segment once about one integration. Returns when to ask again; None: as planned.

        Where our share of Segment's limits leaves no room it raises `NoRoom` and writes nothing, so
        the oldest look stays the next one. Raises `SecretLost`, too, and writes nothing.
        """
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
            token = await _token(work, situation)
        learned: Learned = ()
        listed: list[SegmentSource] = []
        if token and situation.integration.sources:
            try:
                learned = await self._look(token, situation, listed)
            except NoRoom:
                raise
            except SegmentLimited as limited:  # of this token alone: others need not wait for it
                if _is_long_ago(situation):
                    await self._record(tenant_id, integration_id, token, None, listed)
                return situation.now + max(GOES_ON, timedelta(seconds=limited.retry_after or 0.0))
        elif is_watched(situation.integration):  # its key is gone: it must be entered again
            learned = TokenHealth(TokenState.REFUSED, situation.now)
        await self._record(tenant_id, integration_id, token, learned, listed)
        return None

    async def _look(
        self, token: SecretStr, situation: Situation, listed: list[SegmentSource]
    ) -> Learned:
        access = self._segment.access(token, situation.integration.region)
        try:
            return await observe_sources(
                access,
                wanted(situation),
                situation.observed.statuses,
                situation.now,
                longest=self._longest,
                listed=listed,
            )
        except SegmentRefused as refusal:
            return await _health(access, refusal, situation.now)
        except SegmentLimited:
            raise
        except SegmentError:
            return None

    async def _record(
        self,
        tenant_id: str,
        integration_id: str,
        token: SecretStr | None,
        learned: Learned,
        listed: Sequence[SegmentSource],
    ) -> None:
        async def do(work: UnitOfWork) -> None:
            situation = await self._recorder.load(work, integration_id)
            # If the token has been replaced meanwhile, this says nothing of the new one.
            of_it = learned if await _token(work, situation) == token else ()
            if of_it and isinstance(of_it, tuple):
                await self._concluder.look(work, situation, of_it, None, listed)
            else:
                await self._note(work, situation, of_it)

        await self._recorder.transact(tenant_id, do)

    async def _note(self, work: UnitOfWork, situation: Situation, learned: Learned) -> None:
        """Stores what was learned other than the state of the sources."""
        integration, before = situation.integration, situation.observed
        failures = before.failures + 1 if learned is None else 0
        observed = replace(before, looked_at=situation.now, failures=failures, round_since=None)
        await work.observations.put_looked(integration.id, situation.now, failures)
        if isinstance(learned, TokenHealth):
            health = health_since(observed.token, learned)
            await work.observations.put_token(integration.id, health)
            observed = replace(observed, token=health)
        await self._recorder.react(work, situation, replace(situation, observed=observed))


async def _token(work: UnitOfWork, situation: Situation) -> SecretStr | None:
    """None if it must be entered again: it is not there, or no key has opened it for long. Raises
    `SecretLost` before that.
    """
    integration = situation.integration
    try:
        return await work.vault.get(integration.id)
    except SecretLost:
        chosen = integration.sources_chosen
        last = situation.observed.looked_at or (chosen.at if chosen else situation.now)
        if situation.now - last < LOST_AFTER:
            raise
        return None


async def _health(access: Access, refusal: SegmentRefused, now: datetime) -> Learned:
    """Whether a refused call means that the token is revoked or that it lacks a right."""
    try:
        if await is_revoked(access):
            return TokenHealth(TokenState.REFUSED, now)
    except SegmentLimited:
        raise
    except SegmentError:
        return None
    return TokenHealth(TokenState.LACKS_CALL, now, refusal.call)


def health_since(before: TokenHealth | None, now: TokenHealth) -> TokenHealth:
    """The newest health, with the beginning of a state that has not changed."""
    return replace(now, since=before.since) if before and before.state is now.state else now


def wanted(situation: Situation) -> tuple[Source, ...]:
    """The sources to ask about: all, or those that the look under way has not reached yet."""
    sources, observed = situation.integration.sources, situation.observed
    since = observed.round_since
    if since is None or not goes_on(situation):
        return sources
    return observed.not_asked_since(sources, since) or sources


def goes_on(situation: Situation) -> bool:
    """Whether a look is under way that has not reached all sources yet."""
    since = situation.observed.round_since
    is_new = since is not None and situation.now - since < LONGEST_PAUSE
    return is_new and is_watched(situation.integration)


def _is_long_ago(situation: Situation) -> bool:
    """Whether limits have kept Segment from answering for so long that people should know."""
    last = situation.observed.looked_at
    return last is not None and situation.now - last > LONG_SILENT + LONGEST_PAUSE


# --- when (pure) ----------------------------------------------------------------------------------


def next_poll(situation: Situation, interval: timedelta) -> datetime | None:
    """When Segment is polled next; None if nothing is watched.

    `interval` is the operator's setting. No poll comes later than that while something is
    outstanding and Segment answers, and what was looked at earlier comes earlier.
    """
    integration, observed = situation.integration, situation.observed
    if not is_watched(integration) or integration.sources_chosen is None:
        return None
    last = observed.looked_at or integration.sources_chosen.at
    pause = _pause(situation, interval, last)
    return last + _after_failures(pause, observed.failures)


def farthest_poll(interval: timedelta) -> timedelta:
    """No poll is planned further ahead than this, unless a clock was fast."""
    return max(interval, WHEN_COMPLETE) + LONGEST_PAUSE


def _pause(situation: Situation, interval: timedelta, last: datetime) -> timedelta:
    observed = situation.observed
    if observed.round_since:
        return min(interval, GOES_ON)
    waited = observed.waited_at
    if waited and last < waited + WAITS:
        return min(interval, WHILE_WAITING)
    return usual_pause(situation, interval)


def usual_pause(situation: Situation, interval: timedelta) -> timedelta:
    """The pause between two polls while nobody waits and Segment answers."""
    if interval < TRYING_OUT or first_blocker(situation):
        return interval
    return max(interval, WHEN_COMPLETE)


def _after_failures(pause: timedelta, failures: int) -> timedelta:
    longer: timedelta = pause * (1 << min(failures, MOST_FAILURES))
    return max(pause, min(longer, LONGEST_PAUSE))
