"""What keeps an integration from moving on: derived from facts and observations, never stored."""

from dataclasses import dataclass
from enum import StrEnum

from flows.model import (
    DestinationState,
    Integration,
    Observed,
    Outcome,
    Plan,
    Screen,
    Source,
    SourceStatus,
    Stamp,
    Step,
    Verification,
    WaitingOn,
)


class Blocker(StrEnum):
    """The first outstanding thing; texts for people and CSMs stand in `bot.strings.blockers`."""

    PLAN_MISSING = "plan_missing"
    CREDENTIALS_MISSING = "credentials_missing"
    CREDENTIALS_REJECTED = "credentials_rejected"
    CREDENTIALS_UNVERIFIED = "credentials_unverified"
    SOURCES_MISSING = "sources_missing"
    NOT_LOOKED_YET = "not_looked_yet"
    SOURCE_DISABLED = "source_disabled"
    DESTINATION_MISSING = "destination_missing"
    DESTINATION_DISABLED = "destination_disabled"
    NO_EVENTS = "no_events"
    ARRIVAL_UNCONFIRMED = "arrival_unconfirmed"
    PLAN_NOT_BUSINESS = "plan_not_business"
    REPLAY_NOT_REQUESTED = "replay_not_requested"
    REPLAY_NOT_SENT = "replay_not_sent"
    REPLAY_NOT_RUNNING = "replay_not_running"
    REPLAY_NOT_FINISHED = "replay_not_finished"


WAITING_ON: dict[Blocker, WaitingOn] = {
    Blocker.CREDENTIALS_UNVERIFIED: WaitingOn.CSM,
    Blocker.ARRIVAL_UNCONFIRMED: WaitingOn.CSM,
    Blocker.REPLAY_NOT_RUNNING: WaitingOn.SEGMENT,
    Blocker.REPLAY_NOT_FINISHED: WaitingOn.SEGMENT,
}

STEP_OF: dict[Blocker, Step] = {
    Blocker.PLAN_MISSING: Step.PLAN,
    Blocker.CREDENTIALS_MISSING: Step.CREDENTIALS,
    Blocker.CREDENTIALS_REJECTED: Step.CREDENTIALS,
    Blocker.CREDENTIALS_UNVERIFIED: Step.CREDENTIALS,
    Blocker.SOURCES_MISSING: Step.CREDENTIALS,
    Blocker.NOT_LOOKED_YET: Step.LIVE_SYNC,
    Blocker.SOURCE_DISABLED: Step.LIVE_SYNC,
    Blocker.DESTINATION_MISSING: Step.LIVE_SYNC,
    Blocker.DESTINATION_DISABLED: Step.LIVE_SYNC,
    Blocker.NO_EVENTS: Step.LIVE_SYNC,
    Blocker.ARRIVAL_UNCONFIRMED: Step.LIVE_SYNC,
    Blocker.PLAN_NOT_BUSINESS: Step.HISTORIC_SYNC,
    Blocker.REPLAY_NOT_REQUESTED: Step.HISTORIC_SYNC,
    Blocker.REPLAY_NOT_SENT: Step.HISTORIC_SYNC,
    Blocker.REPLAY_NOT_RUNNING: Step.HISTORIC_SYNC,
    Blocker.REPLAY_NOT_FINISHED: Step.HISTORIC_SYNC,
}


@dataclass(frozen=True, slots=True)
class Blocked:
    """The first outstanding thing, and the source that it is about where it is about one."""

    blocker: Blocker
    source: Source | None = None

    @property
    def waiting_on(self) -> WaitingOn:
        return WAITING_ON.get(self.blocker, WaitingOn.CUSTOMER)

    @property
    def step(self) -> Step:
        return STEP_OF[self.blocker]


class StepState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    BLOCKED = "blocked"  # somebody else must act first
    TODO = "todo"
    NOT_INCLUDED = "not_included"  # history on a plan that has no Replay


@dataclass(frozen=True, slots=True)
class StepProgress:
    step: Step
    state: StepState
    done: Stamp | None
    blocked: Blocked | None = None


def source_blocker(source: Source, status: SourceStatus | None) -> Blocked | None:
    """Why this source does not deliver yet; None once it ever has and still can."""
    if status is None:
        return Blocked(Blocker.NOT_LOOKED_YET, source)
    if not status.enabled:
        return Blocked(Blocker.SOURCE_DISABLED, source)
    match status.destination:
        case DestinationState.MISSING:
            return Blocked(Blocker.DESTINATION_MISSING, source)
        case DestinationState.DISABLED:
            return Blocked(Blocker.DESTINATION_DISABLED, source)
    if status.first_delivered_at is None:
        return Blocked(Blocker.NO_EVENTS, source)
    return None


def delivering_sources(integration: Integration, observed: Observed) -> tuple[Source, ...]:
    """The chosen sources of which at least one event ever reached Toplyne."""
    return tuple(
        source
        for source in integration.sources
        if (status := observed.statuses.get(source.id)) and status.first_delivered_at
    )


def is_live(integration: Integration, observed: Observed) -> bool:
    """Whether data arrives: of one of the sources that are chosen now, where they can be asked."""
    if integration.live_started is None:
        return False
    return integration.plan is Plan.FREE or bool(delivering_sources(integration, observed))


def live_sync_blocker(integration: Integration, observed: Observed) -> Blocked | None:
    if integration.outcome or is_live(integration, observed):
        return None
    if integration.plan is Plan.FREE:
        return Blocked(Blocker.ARRIVAL_UNCONFIRMED)
    blocked = (source_blocker(s, observed.statuses.get(s.id)) for s in integration.sources)
    return next((b for b in blocked if b), None)


def credentials_blocker(integration: Integration) -> Blocked | None:
    credentials = integration.credentials
    forgotten = integration.token_forgotten and not integration.outcome
    if credentials is None or forgotten:
        return Blocked(Blocker.CREDENTIALS_MISSING)
    if credentials.verification is Verification.REJECTED:
        return Blocked(Blocker.CREDENTIALS_REJECTED)
    if credentials.verification is Verification.UNVERIFIED:
        return Blocked(Blocker.CREDENTIALS_UNVERIFIED)
    if integration.plan is not Plan.FREE and not integration.sources:
        return Blocked(Blocker.SOURCES_MISSING)
    return None


def historic_sync_blocker(integration: Integration) -> Blocked | None:
    if integration.outcome:
        return None
    if integration.plan is not Plan.BUSINESS:
        return Blocked(Blocker.PLAN_NOT_BUSINESS)
    if integration.replay is None:
        return Blocked(Blocker.REPLAY_NOT_REQUESTED)
    if integration.replay_sent is None:
        return Blocked(Blocker.REPLAY_NOT_SENT)
    if integration.replay_running is None:
        return Blocked(Blocker.REPLAY_NOT_RUNNING)
    if integration.replay_finished is None:
        return Blocked(Blocker.REPLAY_NOT_FINISHED)
    return None


def first_blocker(integration: Integration, observed: Observed) -> Blocked | None:
    """The first thing that is outstanding; None when nothing is."""
    if integration.plan is None:
        return Blocked(Blocker.PLAN_MISSING)
    return (
        credentials_blocker(integration)
        or live_sync_blocker(integration, observed)
        or historic_sync_blocker(integration)
    )


def replay_prerequisites(integration: Integration, observed: Observed) -> tuple[Blocked, ...]:
    """What must hold before a Replay may be requested and does not (the guide's two, plus
    credentials that were checked, without which neither can be known)."""
    missing: list[Blocked] = []
    if integration.plan is None:
        missing.append(Blocked(Blocker.PLAN_MISSING))
    elif integration.plan is not Plan.BUSINESS:
        missing.append(Blocked(Blocker.PLAN_NOT_BUSINESS))
    blocked = credentials_blocker(integration)
    if blocked:
        missing.append(blocked)
    elif not is_live(integration, observed):
        missing.append(live_sync_blocker(integration, observed) or Blocked(Blocker.NO_EVENTS))
    return tuple(missing)


def current_screen(integration: Integration, observed: Observed) -> Screen:
    """Where a person who comes back should be."""
    blocked = first_blocker(integration, observed)
    if blocked is None:
        return Screen.RECEIPT
    match blocked.blocker:
        case Blocker.PLAN_MISSING:
            return Screen.PLAN
        case Blocker.CREDENTIALS_MISSING | Blocker.CREDENTIALS_REJECTED:
            return Screen.CREDENTIALS
        case Blocker.SOURCES_MISSING:
            return Screen.SOURCES
        case Blocker.PLAN_NOT_BUSINESS:
            return Screen.UPGRADE
        case Blocker.REPLAY_NOT_REQUESTED:
            return Screen.REPLAY
        case Blocker.REPLAY_NOT_SENT | Blocker.REPLAY_NOT_RUNNING | Blocker.REPLAY_NOT_FINISHED:
            return Screen.REPLAY_STATUS
        case _:
            return Screen.LIVE_SYNC


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


def progress(integration: Integration, observed: Observed) -> tuple[StepProgress, ...]:
    """The four steps in their order with their states: the one source for screens and cards."""
    blocked = first_blocker(integration, observed)
    current = blocked.step if blocked else None
    rows: list[StepProgress] = []
    reached = False
    for step in Step:
        done = _done_stamp(integration, step)
        if step is current and blocked:
            reached = True
            state = (
                StepState.CURRENT if blocked.waiting_on is WaitingOn.CUSTOMER else StepState.BLOCKED
            )
            rows.append(StepProgress(step, state, None, blocked))
        elif step is Step.HISTORIC_SYNC and integration.outcome is Outcome.LIVE_ONLY:
            rows.append(StepProgress(step, StepState.NOT_INCLUDED, done))
        elif reached:
            rows.append(StepProgress(step, StepState.TODO, None))
        else:
            rows.append(StepProgress(step, StepState.DONE, done))
    return tuple(rows)
