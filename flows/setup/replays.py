"""What CSMs rejected, and where a Replay request is: with Segment, beside earlier history."""

from datetime import date, datetime, tzinfo

from flows.csm.facts import Rejectable, Rejection
from flows.model import Integration, Screen
from flows.vocabulary import Plan, Source

REQUEST_SCREENS = (Screen.REPLAY, Screen.REPLAY_EVENTS, Screen.REPLAY_PREVIEW)
REPLAY_SCREENS = (*REQUEST_SCREENS, Screen.REPLAY_STATUS)
CORRECTED_ON = {  # the screen on which the customer corrects what a CSM rejected
    Rejectable.CREDENTIALS: Screen.CREDENTIALS,
    Rejectable.SOURCES: Screen.SOURCES,
    Rejectable.REPLAY: Screen.REPLAY,
    Rejectable.ARRIVAL: Screen.LIVE_SYNC,
}


def rejection_of(integration: Integration, what: Rejectable) -> Rejection | None:
    """What a CSM said of this and has not been corrected yet.

    Rejected credentials say so themselves, so that they are neither verified nor waiting for it.
    """
    if what is not Rejectable.CREDENTIALS:
        return next((each for each in integration.csm.rejections if each.what is what), None)
    known = integration.credentials
    if known is None or known.accepted:
        return None
    return Rejection(what, known.reason, known.reviewed or known.entered)


def is_rejected(integration: Integration, what: Rejectable) -> bool:
    return rejection_of(integration, what) is not None


def stands(integration: Integration) -> bool:
    """Whether there is a request that no CSM rejected: something can be reported of it."""
    return integration.replay is not None and not is_rejected(integration, Rejectable.REPLAY)


def is_with_segment(integration: Integration) -> bool:
    """Whether Segment has the request, and it stands. It then goes on, whatever the plan is now."""
    return integration.replay_sent is not None and stands(integration)


def runs_at_segment(integration: Integration) -> bool:
    """Whether Segment has a request that nobody has called finished, rejected or not."""
    return integration.replay_sent is not None and integration.replay_finished is None


def is_under_way(integration: Integration) -> bool:
    """Whether Segment has an unfinished request that no CSM rejected."""
    return runs_at_segment(integration) and stands(integration)


def not_started_on(integration: Integration, now: datetime, here: tzinfo) -> date | None:
    """The day that Segment named, if it has come `here` and nobody said that the Replay runs."""
    scheduled = integration.replay_scheduled
    asked_at = scheduled.asked_at(here) if scheduled else None
    if scheduled is None or asked_at is None or integration.replay_running:
        return None
    return scheduled.on if asked_at <= now else None


def asked_about(integration: Integration) -> date | None:
    """The day that Segment named, once anybody was asked whether the Replay has started.
    It had come where they are; who reads it may be elsewhere.
    """
    scheduled, sent = integration.replay_scheduled, integration.reminders.sent
    if scheduled is None or scheduled.on is None or integration.replay_running:
        return None
    named, since = scheduled.on, scheduled.reported.at
    return named if any(each.asks == named and each.at >= since for each in sent) else None


def day_come(integration: Integration, now: datetime, here: tzinfo) -> date | None:
    """The day that Segment named, once it has come `here` or anybody was asked about it.

    All words, buttons and answers go by this.
    """
    return not_started_on(integration, now, here) or asked_about(integration)


def adds_history(integration: Integration) -> bool:
    """Whether an additional Replay is under way. What was reached before stays reached.

    Until Segment has it, it needs the plan for it, and one of its sources that is still chosen.
    """
    if not (integration.replay and integration.outcome and integration.past_replays):
        return False
    if is_with_segment(integration):
        return is_under_way(integration)
    return integration.plan is Plan.BUSINESS and not is_withdrawn(integration)


def sources_taken_out(integration: Integration) -> tuple[Source, ...]:
    """The sources that a request asks for and that are not chosen any more. None once Segment has
    it: it then goes on as it is.
    """
    if integration.replay is None or is_with_segment(integration):
        return ()
    chosen = {source.id for source in integration.sources}
    asked = (entry.source for entry in integration.replay.sources)
    return tuple(source for source in asked if source.id not in chosen)


def is_withdrawn(integration: Integration) -> bool:
    """Whether none of the sources of an additional request is chosen any more. If Segment has not
    got it, everything is as it was before.
    """
    if integration.replay is None or not integration.past_replays:
        return False
    gone = sources_taken_out(integration)
    return bool(gone) and len(gone) == len(integration.replay.sources)
