"""What a plan without a Replay leaves open."""

from flows.model import Outcome, Screen, Situation, Step
from flows.setup.blockers import Blocked, replay_prerequisites, setup_blocker, setup_screen
from flows.vocabulary import Plan


def lacks_plan(situation: Situation) -> bool:
    """Whether it may end with live data only: a plan keeps history out of reach, or soon may."""
    integration = situation.integration
    blocked = setup_blocker(situation)
    of_history = blocked is None or blocked.blocker.step is Step.HISTORIC_SYNC
    return of_history and integration.plan is not Plan.BUSINESS and not integration.outcome


def lacking_first(situation: Situation) -> Blocked | None:
    """What a request lacks: of several things the one that is due. `screen_before_request` leads
    to it.
    """
    missing = replay_prerequisites(situation)
    due = setup_blocker(situation)
    return due if due in missing else next(iter(missing), None)


def screen_before_request(situation: Situation) -> Screen:
    """Where to do what a request needs first.

    If history has come already, only the plan is missing. An end with live data only is taken back
    where it is shown.
    """
    integration = situation.integration
    due, lacking = setup_screen(situation), integration.plan is not Plan.BUSINESS
    if lacking and due is Screen.RECEIPT and integration.outcome is Outcome.WITH_HISTORY:
        return Screen.PLAN
    return due
