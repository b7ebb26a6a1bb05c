"""The four steps with their states: what is done, what is due, what broke."""

from dataclasses import dataclass
from enum import StrEnum

from flows.model import Integration, Observed, Outcome, Step, WaitingOn
from flows.setup.blockers import Blocked, incidents, setup_blocker
from flows.vocabulary import Stamp


class StepState(StrEnum):
    DONE = "done"
    BROKEN = "broken"  # done, but something of it no longer works
    CURRENT = "current"
    BLOCKED = "blocked"  # somebody else must act first
    LATER = "later"
    NOT_INCLUDED = "not_included"  # the plan has no Replay, so no history


@dataclass(frozen=True, slots=True)
class StepProgress:
    step: Step
    state: StepState
    done: Stamp | None
    blocked: Blocked | None = None


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
    """The four steps in order, with their states. Screens and cards all draw from this.

    A step that broke stays done; `blocked` names what broke.
    """
    blocked = setup_blocker(integration, observed)
    broken = {each.step: each for each in reversed(incidents(integration, observed))}
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
            rows.append(StepProgress(step, StepState.LATER, None))
        elif step in broken:
            rows.append(StepProgress(step, StepState.BROKEN, done, broken[step]))
        else:
            rows.append(StepProgress(step, StepState.DONE, done))
    return tuple(rows)
