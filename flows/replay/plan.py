"""What a plan without a Replay leaves open."""

from flows.model import Integration, Observed, Outcome, Screen, Step
from flows.setup.blockers import Blocked, replay_prerequisites, setup_blocker, setup_screen
from flows.vocabulary import Plan


def lacks_plan(integration: Integration, observed: Observed) -> bool:
    """Whether it may end with live data only: a plan keeps history out of reach, or soon may."""
    blocked = setup_blocker(integration, observed)
    of_history = blocked is None or blocked.blocker.step is Step.HISTORIC_SYNC
    return of_history and integration.plan is not Plan.BUSINESS and not integration.outcome


def lacking_first(integration: Integration, observed: Observed) -> Blocked | None:
    """What a request lacks: of several things the one that is due. `screen_before_request` leads
    to it.
    """
    missing = replay_prerequisites(integration, observed)
    due = setup_blocker(integration, observed)
    return due if due in missing else next(iter(missing), None)


def screen_before_request(integration: Integration, observed: Observed) -> Screen:
    """Where to do what a request needs first. Where history has come already, it is the plan that
    lacks; an end with live data only is taken back where it is shown.
    """
    due, lacking = setup_screen(integration, observed), integration.plan is not Plan.BUSINESS
    if lacking and due is Screen.RECEIPT and integration.outcome is Outcome.WITH_HISTORY:
        return Screen.PLAN
    return due
