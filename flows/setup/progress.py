"""The four steps and each screen's answer: what is done, what is due and since when, what broke.

All of it is derived, not stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flows.csm.facts import Rejectable
from flows.model import (
    Integration,
    Outcome,
    Screen,
    Situation,
    Step,
    Unheard,
    WaitingOn,
)
from flows.setup.blockers import (
    Blocked,
    Blocker,
    credentials_blocker,
    delivering_sources,
    historic_sync_blocker,
    incidents,
    is_live,
    is_watched,
    lost_token,
    setup_blocker,
    source_blocker,
)
from flows.setup.replays import (
    REPLAY_SCREENS,
    is_rejected,
    is_under_way,
    is_with_segment,
    rejection_of,
    sources_taken_out,
    stands,
)
from flows.vocabulary import Plan, Source, Stamp

LONG_SILENT = timedelta(days=1)  # from when on people read that Segment does not answer


class StepState(StrEnum):
    DONE = "done"
    BROKEN = "broken"  # done, but something of it no longer works
    CURRENT = "current"
    BLOCKED = "blocked"  # somebody else must act first
    LATER = "later"
    NOT_INCLUDED = "not_included"  # the plan has no Replay, so no history


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One step with its state, who did it, and what blocks or broke it."""

    step: Step
    state: StepState
    done: Stamp | None
    blocked: Blocked | None = None
    since: datetime | None = None  # what broke
    part: tuple[int, int] | None = None  # what broke is so many of all that had delivered


def _done_stamp(integration: Integration, step: Step) -> Stamp | None:
    match step:
        case Step.PLAN:
            return integration.plan_chosen
        case Step.CREDENTIALS:
            credentials = integration.credentials
            entered = credentials.entered if credentials else None
            return integration.sources_chosen or entered
        case Step.LIVE_SYNC:
            return integration.live_started or integration.arrival_confirmed
        case Step.HISTORIC_SYNC:
            return integration.outcome_reached


def progress(situation: Situation) -> tuple[StepProgress, ...]:
    """The four steps in order, with their states. Screens and cards all draw from this.

    A step that broke stays done; `blocked` names what broke. So does one that was reached before
    something ahead of it was rejected. A Replay that Segment has goes on beside all that.
    """
    integration = situation.integration
    first = setup_blocker(situation)
    order = list(Step)
    current = order.index(first.blocker.step) if first else len(order)
    broken = {each.blocker.step: each for each in reversed(incidents(situation))}
    with_segment = historic_sync_blocker(integration) if is_under_way(integration) else None
    rows: list[StepProgress] = []
    for place, step in enumerate(order):
        done = _done_stamp(integration, step)
        beside = with_segment if step is Step.HISTORIC_SYNC else None
        blocked = first if place == current else beside
        if blocked:
            is_theirs = blocked.blocker.waiting_on is WaitingOn.CUSTOMER
            state = StepState.CURRENT if is_theirs else StepState.BLOCKED
            reached_before = done if step is Step.HISTORIC_SYNC else None
            rows.append(StepProgress(step, state, reached_before, blocked))
        elif step is Step.HISTORIC_SYNC and integration.outcome is Outcome.LIVE_ONLY:
            rows.append(StepProgress(step, StepState.NOT_INCLUDED, done))
        elif place > current and not _was_reached(situation, step):
            rows.append(StepProgress(step, StepState.LATER, None))
        elif step in broken:
            since = blocked_since(situation, broken[step])
            part = _part(situation) if step is Step.LIVE_SYNC else None
            rows.append(StepProgress(step, StepState.BROKEN, done, broken[step], since, part))
        else:
            rows.append(StepProgress(step, StepState.DONE, done))
    return tuple(rows)


def _was_reached(situation: Situation, step: Step) -> bool:
    """Whether this later step holds although something ahead of it is to be done again."""
    integration = situation.integration
    match step:
        case Step.LIVE_SYNC:
            return integration.outcome is not None or is_live(situation)
        case Step.HISTORIC_SYNC:
            return integration.outcome is Outcome.WITH_HISTORY
    return False


def _part(situation: Situation) -> tuple[int, int] | None:
    """How many of the sources that had delivered are broken, where others still deliver."""
    count = sum(1 for each in incidents(situation) if each.source)
    delivered = len(delivering_sources(situation))
    return (count, delivered) if count < delivered else None


def all_stopped_since(situation: Situation) -> datetime | None:
    """Since when no source delivers any more, where one did; None while one does."""
    broken = {each.source: each for each in incidents(situation) if each.source}
    delivered = delivering_sources(situation)
    if not delivered or any(source not in broken for source in delivered):
        return None
    return max(blocked_since(situation, broken[source]) for source in delivered)


def blocked_since(situation: Situation, blocked: Blocked | None) -> datetime:
    """Since when this is outstanding first. If nothing is, when the set-up ended."""
    integration, observed = situation.integration, situation.observed
    began = integration.started or integration.created
    if blocked is None:
        return (integration.outcome_reached or integration.disconnected or began).at
    plan = (integration.plan_chosen or began).at
    match blocked.blocker:
        case Blocker.PLAN_MISSING:
            return began.at
        case Blocker.CREDENTIALS_MISSING | Blocker.WORKSPACE_MISSING:
            return _latest(plan, integration.token_forgotten, integration.reopened)
        case Blocker.CREDENTIALS_REJECTED:
            return _latest(plan, _rejected(integration, Rejectable.CREDENTIALS))
        case Blocker.SOURCES_REJECTED:
            return _latest(plan, _rejected(integration, Rejectable.SOURCES))
        case Blocker.REPLAY_REJECTED:
            return _latest(plan, _rejected(integration, Rejectable.REPLAY))
        case Blocker.REPLAY_NOT_SENT:
            requested = integration.replay.requested if integration.replay else None
            return _latest(plan, requested, integration.replay_unsent)
        case Blocker.REPLAY_NOT_RUNNING:
            return _latest(plan, integration.replay_sent, integration.replay_unsent)
        case Blocker.REPLAY_NOT_FINISHED:
            return _latest(plan, integration.replay_running, integration.replay_unsent)
        case Blocker.TOKEN_REVOKED | Blocker.ROLE_REDUCED:
            return observed.token.since if observed.token else plan
        case Blocker.REPLAY_NOT_REQUESTED | Blocker.PLAN_NOT_BUSINESS:
            outdated = integration.sources_chosen if sources_taken_out(integration) else None
            return _latest(plan, integration.live_started, integration.reopened, outdated)
        case _:
            return _since_credentials(situation, blocked, plan)


def _since_credentials(situation: Situation, blocked: Blocked, plan: datetime) -> datetime:
    """For blockers that depend on the credentials or on the state of one source."""
    integration = situation.integration
    credentials = integration.credentials
    entered = credentials.entered if credentials else None
    match blocked.blocker:
        case Blocker.CREDENTIALS_UNVERIFIED | Blocker.SOURCES_MISSING:
            return _latest(plan, entered)
        case Blocker.ARRIVAL_UNCONFIRMED if integration.says_connected:
            return _latest(plan, integration.says_connected)
    chosen = _latest(plan, integration.sources_chosen or entered)
    status = situation.observed.statuses.get(blocked.source.id) if blocked.source else None
    if blocked.blocker is Blocker.EVENTS_STOPPED and status and status.stopped_at:
        return status.stopped_at
    return max(chosen, status.since) if status and status.since else chosen


def _rejected(integration: Integration, what: Rejectable) -> Stamp | None:
    rejection = rejection_of(integration, what)
    return rejection.rejected if rejection else None


def _latest(first: datetime, *stamps: Stamp | None) -> datetime:
    return max([first, *(stamp.at for stamp in stamps if stamp)])


def unheard_sources(situation: Situation) -> Mapping[Unheard, Sequence[Source]]:
    """The chosen sources about which the last look learned nothing, by the reason."""
    integration = situation.integration
    found: dict[Unheard, list[Source]] = {}
    for source in integration.sources if is_watched(integration) else ():
        status = situation.observed.statuses.get(source.id)
        if status and status.unheard:
            found.setdefault(status.unheard, []).append(source)
    return found


def silent_since(situation: Situation) -> datetime | None:
    """When Segment answered last, if it was asked in vain for long since."""
    integration, observed = situation.integration, situation.observed
    asked = observed.looked_at
    if asked is None or not observed.failures or not is_watched(integration):
        return None
    found = [observed.statuses.get(source.id) for source in integration.sources]
    last = max((each.last_asked for each in found if each), default=asked)
    return last if asked - last >= LONG_SILENT else None


# --- how far the answer of one screen is ----------------------------------------------------------


class ScreenState(StrEnum):
    """How far the answer of one screen is, which is what somebody was asked for."""

    OPEN = "open"
    DONE = "done"
    NOT_NEEDED = "not_needed"  # the plan has no such thing
    ENDED = "ended"  # with its set-up


def screen_state(screen: Screen, situation: Situation) -> ScreenState:
    """How far the answer of one screen is now, whoever gave it."""
    integration = situation.integration
    if integration.disconnected:
        return ScreenState.ENDED
    if _has_no(screen, integration):
        return ScreenState.NOT_NEEDED
    return ScreenState.DONE if _is_done(screen, situation) else ScreenState.OPEN


def _has_no(screen: Screen, integration: Integration) -> bool:
    """Whether the plan has no such screen."""
    if integration.plan is None:
        return False
    if screen is Screen.SOURCES:
        return integration.plan is Plan.FREE
    if screen not in REPLAY_SCREENS or is_with_segment(integration):
        return False
    return integration.plan is not Plan.BUSINESS


def _is_done(screen: Screen, situation: Situation) -> bool:
    integration = situation.integration
    match screen:
        case Screen.PLAN:
            return integration.plan is not None
        case Screen.CREDENTIALS:
            blocked = credentials_blocker(integration)
            is_blocked = blocked is not None and blocked.blocker.screen is screen
            return not (is_blocked or lost_token(situation))
        case Screen.SOURCES:
            chosen = bool(integration.sources)
            return chosen and not is_rejected(integration, Rejectable.SOURCES)
        case Screen.LIVE_SYNC:
            return is_connected(situation)
        case Screen.WRITE_BACK:
            return bool(integration.write_back.skipped or integration.write_back.entered)
        case Screen.UPGRADE:
            return integration.plan is Plan.BUSINESS or integration.outcome is not None
        case Screen.REPLAY_STATUS:
            return integration.replay_sent is not None
        case Screen.RECEIPT:
            return integration.outcome is not None
    return stands(integration) and not sources_taken_out(integration)


def is_connected(situation: Situation) -> bool:
    """Data arrives and nothing of it broke. On Free, the customer says so."""
    integration = situation.integration
    if integration.plan is Plan.FREE:
        return bool(integration.says_connected or integration.live_started)
    broken = incidents(situation)
    works = not any(each.blocker.step is Step.LIVE_SYNC for each in broken)
    return works and is_live(situation)


def all_arrives(situation: Situation) -> bool:
    """Whether nothing is left to connect: other sources may be silent while live sync is done."""
    integration, statuses = situation.integration, situation.observed.statuses
    silent = (source_blocker(each, statuses.get(each.id)) for each in integration.sources)
    return is_connected(situation) and not any(silent)
