"""What was reported of a Replay by mistake is taken back."""

from dataclasses import replace
from datetime import timedelta

from flows.history import Event
from flows.model import Integration, Outcome, Screen, Situation
from flows.recording import Change, touched
from flows.replay.events import (
    ReplayConfirmedUndone,
    ReplayFinishedUndone,
    ReplayRunningUndone,
    ReplaySentUndone,
)
from flows.replay.steps import Mark, reports
from flows.setup.replays import REPLAY_SCREENS, is_under_way, stands
from flows.vocabulary import Plan, Stamp

UNDO = timedelta(minutes=10)  # for so long whoever reported too early can take it back


def undoable(situation: Situation) -> Mark | None:
    """The newest report, while it is so new that nothing follows from it, as far as we know."""
    integration = situation.integration
    newest = next(reversed(reports(integration).items()), None)
    if newest is None or not stands(integration) or integration.replay_confirmed:
        return None
    mark, stamp = newest
    is_answered = mark is Mark.SENT and integration.replay_scheduled is not None
    is_over = stamp.of_toplyne or situation.now - stamp.at >= UNDO
    return None if is_answered or is_over else mark


def undo(situation: Situation, mark: Mark, stamp: Stamp) -> Change:
    """Takes back this report, while it can be."""
    if undoable(situation) is not mark:
        return Change(situation.integration)
    return _RETRACT[mark](situation.integration, stamp)


def retract_finished(integration: Integration, stamp: Stamp) -> Change:
    """It goes on as before the end, whose outcome and whatever else it implied go too.

    Not once Toplyne has the history.
    """
    ended, request = integration.replay_finished, integration.replay
    if request is None or ended is None or integration.replay_confirmed:
        return Change(integration)
    if not stands(integration):
        return Change(integration)
    before = replace(integration, replay_finished=None, replay_draft=request.window)
    if integration.replay_running == ended:
        before = replace(before, replay_running=None)
    if integration.outcome_reached == ended:
        before = replace(before, outcome=None, outcome_reached=None)
    elif not integration.past_replays:  # before it, it had ended with live data only
        is_over = integration.plan is not Plan.BUSINESS
        reached = integration.outcome_reached if is_over else None
        outcome = Outcome.LIVE_ONLY if is_over else None
        before = replace(before, outcome=outcome, outcome_reached=reached)
    if integration.replay_sent == ended:
        return retract_sent(before, stamp)
    return _retracted(before, ReplayFinishedUndone(stamp))


def retract_confirmed(integration: Integration, stamp: Stamp) -> Change:
    """Toplyne does not have the history after all. The end goes too, if that word alone said it."""
    confirmed = integration.replay_confirmed
    if confirmed is None or not stands(integration):
        return Change(integration)
    before = replace(integration, replay_confirmed=None)
    if integration.replay_finished == confirmed:
        return retract_finished(before, stamp)
    after = touched(before, Screen.REPLAY_STATUS, is_done=False)
    return Change(after, (ReplayConfirmedUndone(stamp),))


def retract_running(integration: Integration, stamp: Stamp) -> Change:
    """It had not started. That it was sent, and when Segment wants to run it, stays."""
    if not (is_under_way(integration) and integration.replay_running):
        return Change(integration)
    return _retracted(replace(integration, replay_running=None), ReplayRunningUndone(stamp))


def retract_sent(integration: Integration, stamp: Stamp) -> Change:
    """Segment does not have it, so what was reported of its answer goes too.

    Toplyne was told of the request, not of its sending.
    """
    if not is_under_way(integration):
        return Change(integration)
    unsent = replace(integration, replay_sent=None, replay_scheduled=None, replay_running=None)
    return _retracted(unsent, ReplaySentUndone(stamp))


def _retracted(integration: Integration, event: Event) -> Change:
    """A new standstill. Whoever had been asked to see to it is asked again."""
    after = replace(_asked_again(integration), replay_unsent=event.stamp)
    return Change(touched(after, *REPLAY_SCREENS, is_done=False), (event,))


_RETRACT = {
    Mark.SENT: retract_sent,
    Mark.RUNNING: retract_running,
    Mark.FINISHED: retract_finished,
}


def _asked_again(integration: Integration) -> Integration:
    """Whoever was asked to see to this request, or a version of it, since the last one finished."""
    past = integration.past_replays
    since = past[-1].finished.at if past else None
    asked = tuple(
        replace(each, is_open=True)
        if each.screen is Screen.REPLAY_STATUS and (since is None or each.asked.at > since)
        else each
        for each in integration.asked
    )
    return replace(integration, asked=asked)
