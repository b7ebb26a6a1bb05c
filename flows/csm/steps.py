"""What CSMs do with a customer, as pure functions like those of `flows.setup.steps`.

Each returns the same integration if there is nothing to change.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from enum import StrEnum

from flows.csm.arrival import is_arrival_told, reject_arrival, without_arrival
from flows.csm.events import (
    AccountSet,
    Assigned,
    Claimed,
    CredentialsConfirmed,
    CredentialsRejected,
    CsmWrote,
    CustomerReplied,
    MattersAnswered,
    ReplayRejected,
    ReplyWithheld,
    SourcesRejected,
    Unclaimed,
)
from flows.csm.facts import CsmFacts, Rejectable, Rejection
from flows.csm.needs import recipient
from flows.model import Integration, Outcome, Screen, Situation, Verification
from flows.recording import Change, touched
from flows.replay.events import ReplayConfirmed
from flows.replay.facts import PastReplay
from flows.replay.steps import Mark, mark_replay
from flows.replay.undoing import (
    retract_confirmed,
    retract_finished,
    retract_running,
    retract_sent,
)
from flows.replay.window import unconfirmed_replays
from flows.setup.blockers import Blocker, due_blocker, first_blocker
from flows.setup.events import LiveSyncStarted
from flows.setup.replays import is_rejected, is_under_way, is_withdrawn, stands
from flows.setup.steps import corrected, finish_live_only
from flows.vocabulary import Plan, Stamp

MAX_ACCOUNT = 80


class ReplayMark(StrEnum):
    """What a CSM can say about a Replay."""

    SCHEDULED = "scheduled"
    NO_DAY = "no_day"  # the day that was reported is a mistake
    RUNNING = "running"
    FINISHED = "finished"
    CONFIRMED = "confirmed"
    EARLIER = "earlier"  # confirmed, of the Replay before the newest request
    NOT_FINISHED = "not_finished"  # what was reported is a mistake
    NOT_CONFIRMED = "not_confirmed"  # what a CSM said of the history is
    NOT_RUNNING = "not_running"  # the same
    NOT_SENT = "not_sent"  # the same


class Confirmable(StrEnum):
    """What only a CSM can say."""

    CREDENTIALS = "credentials"
    ARRIVAL = "arrival"
    HISTORY = "history"


# --- who owns the customer, and what is said ------------------------------------------------------


def claim(integration: Integration, stamp: Stamp, gone: Stamp | None = None) -> Change:
    """Takes a customer without owner or with one who is `gone`. Another owner keeps theirs."""
    if integration.csm.owner not in (None, gone):
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, owner=stamp)),
        (Claimed(stamp),),
    )


def unclaim(integration: Integration, stamp: Stamp) -> Change:
    """Leaves the customer without owner."""
    if integration.csm.owner is None:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, owner=None)),
        (Unclaimed(stamp),),
    )


def assign(integration: Integration, to: str, stamp: Stamp) -> Change:
    """Makes another CSM the owner, even if the customer had one."""
    owner = integration.csm.owner
    if owner and owner.by == to:
        return Change(integration)
    new = Stamp(to, stamp.at, of_toplyne=True)
    return Change(
        _with(integration, replace(integration.csm, owner=new)),
        (Assigned(stamp, to),),
    )


def set_account(integration: Integration, account: str, stamp: Stamp) -> Change:
    """Sets which Toplyne account this is. Empty takes it back."""
    if integration.csm.account == account:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, account=account, account_set=stamp)),
        (AccountSet(stamp, account),),
    )


def answered(integration: Integration, matters: Collection[int], stamp: Stamp) -> Change:
    """Ends those of these matters that are still open. They were dealt with outside this app."""
    numbers = [each.number for each in integration.csm.open_matters if each.number in matters]
    if not numbers:
        return Change(integration)
    return Change(integration, (MattersAnswered(stamp, tuple(numbers)),))


def write(
    integration: Integration, matter: int | None, text: str, name: str, stamp: Stamp, to: str = ""
) -> Change:
    """A CSM's message, to the person who opened the matter it answers, if it answers one.

    `name` is the CSM's. `to` is the person whom they were shown. Raises `NotFound`.
    """
    to, number = to or recipient(integration, matter), integration.csm.numbered + 1
    return Change(integration, (CsmWrote(stamp, to, text, name, number, matter),))


def reply(integration: Integration, text: str, stamp: Stamp, seen: int | None = None) -> Change:
    """The customer's answer."""
    number = integration.csm.numbered + 1
    return Change(integration, (CustomerReplied(stamp, text, number, seen),))


def reply_withheld(integration: Integration, stamp: Stamp) -> Change:
    """An answer that held a secret. None of it is kept."""
    return Change(integration, (ReplyWithheld(stamp),))


# --- what the customer entered --------------------------------------------------------------------


def confirm(integration: Integration, stamp: Stamp) -> Change:
    """Confirms credentials that Segment could not check."""
    credentials = integration.credentials
    if credentials is None or credentials.verification is not Verification.UNVERIFIED:
        return Change(integration)
    after = replace(credentials, verification=Verification.CONFIRMED, reviewed=stamp, reason="")
    return Change(
        touched(replace(integration, credentials=after), Screen.CREDENTIALS),
        (CredentialsConfirmed(stamp),),
    )


def confirmable(situation: Situation) -> Confirmable | None:
    """What waits for a CSM's word, if anything."""
    integration = situation.integration
    blocked = first_blocker(integration, situation.observed)
    match blocked.blocker if blocked else None:
        case Blocker.CREDENTIALS_UNVERIFIED:
            return Confirmable.CREDENTIALS
        case Blocker.ARRIVAL_UNCONFIRMED:
            return Confirmable.ARRIVAL
    return Confirmable.HISTORY if oldest_unconfirmed(integration) else None


def oldest_unconfirmed(integration: Integration) -> PastReplay | None:
    """The oldest Replay whose end was reported, and of which only a CSM can say that it came."""
    return next(iter(unconfirmed_replays(integration)), None)


def rejectable(integration: Integration) -> tuple[Rejectable, ...]:
    """What there is to reject: what was entered and has not been rejected yet."""
    counts = integration.outcome is not Outcome.LIVE_ONLY and not is_withdrawn(integration)
    there = {
        Rejectable.CREDENTIALS: integration.credentials is not None,
        Rejectable.SOURCES: bool(integration.sources),
        Rejectable.REPLAY: integration.replay is not None and counts,
        Rejectable.ARRIVAL: is_arrival_told(integration),
    }
    return tuple(
        what for what, is_there in there.items() if is_there and not is_rejected(integration, what)
    )


def snoozable(situation: Situation) -> bool:
    """Whether a reminder can come: the set-up is under way, or something is due after its end."""
    integration = situation.integration
    is_waited_for = due_blocker(integration, situation.observed) is not None
    return integration.begun and (integration.outcome is None or is_waited_for)


def reject(integration: Integration, what: Rejectable, reason: str, stamp: Stamp) -> Change:
    """Sends something back for the customer to correct. All other progress stays."""
    if what not in rejectable(integration):
        return Change(integration)
    if what is Rejectable.CREDENTIALS:
        return _reject_credentials(integration, reason, stamp)
    if what is Rejectable.ARRIVAL:
        return reject_arrival(integration, reason, stamp)
    rejection = Rejection(what, reason, stamp)
    after = _with(integration, integration.csm.with_rejection(rejection))
    if what is Rejectable.SOURCES:
        rejected = touched(after, Screen.SOURCES, is_done=False)
        return Change(rejected, (SourcesRejected(stamp, reason),))
    if not integration.past_replays:  # what came before is not rejected
        after = replace(after, outcome=None, outcome_reached=None)
    event = ReplayRejected(stamp, reason)
    return Change(touched(after, Screen.REPLAY, Screen.REPLAY_STATUS, is_done=False), (event,))


def _reject_credentials(integration: Integration, reason: str, stamp: Stamp) -> Change:
    """What a CSM said of the data of that workspace goes too."""
    credentials = integration.credentials
    if credentials is None:
        return Change(integration)
    after = replace(credentials, verification=Verification.REJECTED, reviewed=stamp, reason=reason)
    rejected = replace(without_arrival(integration), credentials=after)
    return Change(
        touched(rejected, Screen.CREDENTIALS, is_done=False),
        (CredentialsRejected(stamp, reason),),
    )


def confirm_arrival(integration: Integration, stamp: Stamp) -> Change:
    """Free: the CSM sees the data arrive. This also proves the credentials good enough."""
    credentials = integration.credentials
    if integration.plan is not Plan.FREE or integration.live_started:
        return Change(integration)
    if credentials is None or not credentials.accepted:
        return Change(integration)
    confirmed = confirm(integration, stamp)
    # The customer did not do the rest, and a CSM cannot be named in the customer's Slack.
    by_itself = Stamp("", stamp.at)
    after = replace(
        corrected(confirmed.integration, Rejectable.ARRIVAL),
        arrival_confirmed=stamp,
        live_started=by_itself,
        live_plan=integration.plan,
    )
    started = LiveSyncStarted(stamp)
    finished = finish_live_only(after, by_itself)
    return Change(
        touched(finished.integration, Screen.LIVE_SYNC),
        (*confirmed.events, started, *finished.events),
    )


# --- the Replay -----------------------------------------------------------------------------------


def confirm_replay(situation: Situation, stamp: Stamp) -> Change:
    """Toplyne's side sees the history of the newest request, so its Replay must have finished."""
    integration = situation.integration
    if not _may_have_run(integration) or integration.replay_confirmed:
        return Change(integration)
    confirmed = replace(integration, replay_confirmed=stamp)
    finished = mark_replay(replace(situation, integration=confirmed), Mark.FINISHED, stamp)
    event = ReplayConfirmed(stamp)
    after = touched(finished.integration, Screen.REPLAY_STATUS)
    return Change(after, (*finished.events, event))


def confirm_history(situation: Situation, number: int, stamp: Stamp) -> Change:
    """Toplyne's side sees the history of the Replay with this number, whose end was reported."""
    integration = situation.integration
    if all(past.number != number for past in unconfirmed_replays(integration)):
        return Change(integration)
    if integration.replay and integration.replay.number == number:
        return confirm_replay(situation, stamp)
    past = tuple(
        replace(each, confirmed=stamp) if each.number == number else each
        for each in integration.past_replays
    )
    after = touched(replace(integration, past_replays=past), Screen.REPLAY_STATUS)
    return Change(after, (ReplayConfirmed(stamp),))


def unconfirmed_before(integration: Integration) -> tuple[PastReplay, ...]:
    """Those before the newest request of which nobody has confirmed the history, oldest first."""
    return tuple(past for past in integration.past_replays if past.confirmed is None)


def _may_have_run(integration: Integration) -> bool:
    """Whether an end may be about this request. Before it is sent, it is about an earlier one."""
    known = bool(integration.replay_sent) or not integration.past_replays
    return known and stands(integration)


def finish_replay(situation: Situation, stamp: Stamp) -> Change:
    """Segment says that it has finished."""
    if not _may_have_run(situation.integration):
        return Change(situation.integration)
    return mark_replay(situation, Mark.FINISHED, stamp)


# The marks of the newest request that need no further input.
MARKING: Mapping[str, Callable[[Situation, Stamp], Change]] = {
    ReplayMark.RUNNING: lambda now, by: mark_replay(now, Mark.RUNNING, by),
    ReplayMark.FINISHED: finish_replay,
    ReplayMark.CONFIRMED: confirm_replay,
    ReplayMark.NOT_FINISHED: lambda now, by: retract_finished(now.integration, by),
    ReplayMark.NOT_CONFIRMED: lambda now, by: retract_confirmed(now.integration, by),
    ReplayMark.NOT_RUNNING: lambda now, by: retract_running(now.integration, by),
    ReplayMark.NOT_SENT: lambda now, by: retract_sent(now.integration, by),
}


def replay_marks(integration: Integration) -> tuple[ReplayMark, ...]:
    """What can be said about the newest request, and about a Replay before it."""
    scheduled = integration.replay_scheduled
    has_day = scheduled is not None and scheduled.on is not None
    starts = stands(integration) and integration.replay_running is None
    ends, has_ended = _may_have_run(integration), integration.replay_finished is not None
    open_marks = {
        ReplayMark.SCHEDULED: starts,
        ReplayMark.NO_DAY: starts and has_day,
        ReplayMark.RUNNING: starts,
        ReplayMark.FINISHED: ends and not has_ended,
        ReplayMark.CONFIRMED: ends and integration.replay_confirmed is None,
        ReplayMark.EARLIER: bool(unconfirmed_before(integration)),
        ReplayMark.NOT_FINISHED: ends and has_ended and integration.replay_confirmed is None,
        ReplayMark.NOT_CONFIRMED: stands(integration) and integration.replay_confirmed is not None,
        ReplayMark.NOT_RUNNING: is_under_way(integration)
        and integration.replay_running is not None,
        ReplayMark.NOT_SENT: is_under_way(integration),
    }
    return tuple(mark for mark, is_open in open_marks.items() if is_open)


def _with(integration: Integration, facts: CsmFacts) -> Integration:
    return replace(integration, csm=facts)
