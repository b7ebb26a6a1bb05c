"""What Segment said, noted beside the facts of a set-up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flows.checks.delivery import settled
from flows.model import Observed, Situation, SourceStatus
from flows.ports import UnitOfWork
from flows.vocabulary import TokenHealth, TokenState


def up_to_date(situation: Situation, statuses: Sequence[SourceStatus]) -> tuple[SourceStatus, ...]:
    """What a look learned of the sources that are chosen now, merged with what others learned.

    A poll and a person may ask at the same time, and their answers come in any order.
    """
    chosen = {source.id for source in situation.integration.sources}
    known, now = situation.observed.statuses, situation.now
    return tuple(
        _beside(known.get(status.source_id), status, now)
        for status in statuses
        if status.source_id in chosen
    )


def _beside(known: SourceStatus | None, status: SourceStatus, now: datetime) -> SourceStatus:
    """An answer that comes too late changes nothing. An event that has arrived stays arrived."""
    if known is None or known is status:
        return status
    if _is_outdated(status.last_asked, known.last_asked, now):
        return known
    if status.unheard:
        status = replace(
            known,
            enabled=status.enabled,
            deleted=status.deleted,
            unheard=status.unheard,
            asked_at=status.asked_at,
            since=status.since,
            named=status.named,
        )
    both = (known, status)
    first = min((each.first_delivered_at for each in both if each.first_delivered_at), default=None)
    lasts = [at for at in (known.delivered_at, status.delivered_at) if at]
    status = replace(
        status,
        first_delivered_at=first,
        or_earlier=any(each.or_earlier for each in both if each.first_delivered_at == first),
        delivered_at=max(lasts, default=None),
    )
    return settled(known, status)


def _is_outdated(asked: datetime, known: datetime, now: datetime) -> bool:
    """Whether it is older than what is known. A moment to come was taken from a clock that was put
    back since, and proves nothing.
    """
    return asked < known <= now


async def note_statuses(
    work: UnitOfWork, situation: Situation, statuses: Sequence[SourceStatus]
) -> Situation:
    """Stores what Segment said about the chosen sources, and returns the fresher situation."""
    integration_id = situation.integration.id
    for status in statuses:
        await work.observations.put_status(integration_id, replace(status, named=None))
    token, asked = situation.observed.token, max(status.last_asked for status in statuses)
    if token is None or not _is_outdated(asked, token.since, situation.now):
        situation = await note_accepted(work, situation)
    fresher = _after_look(situation, statuses)
    await work.observations.put_looked(integration_id, situation.now, 0, fresher.round_since)
    return replace(situation, observed=fresher)


async def note_waiting(work: UnitOfWork, situation: Situation) -> Situation:
    """Notes that somebody waits for Segment. The caller derives when to ask it next."""
    await work.observations.put_waited(situation.integration.id, situation.now)
    observed = replace(situation.observed, waited_at=situation.now)
    return replace(situation, observed=observed)


async def note_accepted(work: UnitOfWork, situation: Situation) -> Situation:
    """Notes that Segment accepted the token."""
    observed = situation.observed
    if observed.token and observed.token.state is TokenState.ACCEPTED:
        return situation
    health = TokenHealth(TokenState.ACCEPTED, situation.now)
    await work.observations.put_token(situation.integration.id, health)
    return replace(situation, observed=replace(observed, token=health))


def _after_look(situation: Situation, statuses: Sequence[SourceStatus]) -> Observed:
    """The look goes on while sources are left that were not asked about since it began."""
    before = situation.observed
    learned = {status.source_id: status for status in statuses}
    after = replace(
        before,
        statuses={**before.statuses, **learned},
        looked_at=situation.now,
        failures=0,
        round_since=None,
    )
    begun = before.round_since or min(status.last_asked for status in statuses)
    left = after.not_asked_since(situation.integration.sources, begun)
    return replace(after, round_since=begun) if left else after
