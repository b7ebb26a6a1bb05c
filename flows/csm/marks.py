"""What a CSM can say about a Replay: each mark with the one rule that it has."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from flows.csm import meanwhile
from flows.csm.meanwhile import About
from flows.csm.seen import (
    Decision,
    StampNumber,
    answer_shown,
    request_shown,
    sending_shown,
    still,
)
from flows.model import Integration, Screen, Situation
from flows.recording import Change, touched
from flows.replay.events import ReplayConfirmed, ReplayConfirmedUndone
from flows.replay.facts import PastReplay
from flows.replay.steps import Mark, mark_replay
from flows.replay.undoing import (
    retract_confirmed,
    retract_finished,
    retract_running,
    retract_sent,
)
from flows.replay.window import unconfirmed_replays
from flows.setup.replays import is_under_way, stands
from flows.vocabulary import Stamp


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
    after = touched(_with_history(integration, number, stamp), Screen.REPLAY_STATUS)
    return Change(after, (ReplayConfirmed(stamp),))


def retract_history(integration: Integration, number: int, stamp: Stamp) -> Change:
    """Toplyne does not have the history of this Replay before the newest request after all.

    That it has finished stays: what was asked for since is in addition to it.
    """
    if all(past.number != number or not past.confirmed for past in integration.past_replays):
        return Change(integration)
    before = _with_history(integration, number, None)
    after = touched(before, Screen.REPLAY_STATUS, is_done=False)
    return Change(after, (ReplayConfirmedUndone(stamp),))


def _with_history(integration: Integration, number: int, confirmed: Stamp | None) -> Integration:
    past = tuple(
        replace(each, confirmed=confirmed) if each.number == number else each
        for each in integration.past_replays
    )
    return replace(integration, past_replays=past)


def confirmed_before(integration: Integration) -> PastReplay | None:
    """The newest Replay before the newest request whose history somebody has confirmed."""
    past = reversed(integration.past_replays)
    return next((each for each in past if each.confirmed is not None), None)


def unconfirmed_before(integration: Integration) -> PastReplay | None:
    """The oldest Replay before the newest request of which nobody has confirmed the history."""
    return next((past for past in integration.past_replays if past.confirmed is None), None)


def _may_have_run(integration: Integration) -> bool:
    """Whether an end may be about this request. Before it is sent, it is about an earlier one."""
    known = bool(integration.replay_sent) or not integration.past_replays
    return known and stands(integration)


def finish_replay(situation: Situation, stamp: Stamp) -> Change:
    """Segment says that it has finished."""
    if not _may_have_run(situation.integration):
        return Change(situation.integration)
    return mark_replay(situation, Mark.FINISHED, stamp)


# --- the rule of each mark ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MarkRule:
    """`is_open`: whether it can be said. `about`: whose word came first, for who comes too late.

    `step` does it to the newest request; None if that needs more input than the mark.
    `replaces_answer`: it takes the place of the answer of Segment that the CSM saw. Others go on
    from any.
    """

    is_open: Callable[[Integration], bool]
    about: About
    step: Decision | None = None
    replaces_answer: bool = False


def _starts(integration: Integration) -> bool:
    return stands(integration) and integration.replay_running is None


def _has_day(integration: Integration) -> bool:
    scheduled = integration.replay_scheduled
    return _starts(integration) and scheduled is not None and scheduled.on is not None


def _runs(integration: Integration) -> bool:
    return is_under_way(integration) and integration.replay_running is not None


def _ends(integration: Integration) -> bool:
    return _may_have_run(integration) and integration.replay_finished is None


def _is_unconfirmed(integration: Integration) -> bool:
    return _may_have_run(integration) and integration.replay_confirmed is None


def _has_ended(integration: Integration) -> bool:
    return _is_unconfirmed(integration) and integration.replay_finished is not None


def _is_confirmed(integration: Integration) -> bool:
    return stands(integration) and integration.replay_confirmed is not None


def _takes_back(
    is_open: Callable[[Integration], bool], retract: Callable[[Integration, Stamp], Change]
) -> MarkRule:
    """What was reported is a mistake."""

    def step(now: Situation, stamp: Stamp) -> Change:
        return retract(now.integration, stamp)

    return MarkRule(is_open, meanwhile.ANSWER, step, replaces_answer=True)


def _is_of_earlier(integration: Integration) -> bool:
    return unconfirmed_before(integration) is not None


def _has_earlier_history(integration: Integration) -> bool:
    return confirmed_before(integration) is not None


def _start_replay(now: Situation, stamp: Stamp) -> Change:
    return mark_replay(now, Mark.RUNNING, stamp)


class ReplayMark(StrEnum):
    """What a CSM can say about a Replay, in the order in which it is offered."""

    rule: MarkRule

    def __new__(cls, value: str, rule: MarkRule) -> "ReplayMark":
        mark = str.__new__(cls, value)
        mark._value_, mark.rule = value, rule
        return mark

    SCHEDULED = "scheduled", MarkRule(_starts, meanwhile.ANSWER, replaces_answer=True)
    # The day that was reported is a mistake.
    NO_DAY = "no_day", MarkRule(_has_day, meanwhile.ANSWER, replaces_answer=True)
    RUNNING = "running", MarkRule(_starts, meanwhile.RUN, _start_replay)
    FINISHED = "finished", MarkRule(_ends, meanwhile.END, finish_replay)
    CONFIRMED = "confirmed", MarkRule(_is_unconfirmed, meanwhile.NEWEST_HISTORY, confirm_replay)
    # Confirmed, of the Replay before the newest request.
    EARLIER = "earlier", MarkRule(_is_of_earlier, meanwhile.EARLIER_HISTORY)
    NOT_EARLIER = "not_earlier", MarkRule(_has_earlier_history, meanwhile.NOT_EARLIER_HISTORY)
    NOT_FINISHED = "not_finished", _takes_back(_has_ended, retract_finished)
    NOT_CONFIRMED = "not_confirmed", _takes_back(_is_confirmed, retract_confirmed)
    NOT_RUNNING = "not_running", _takes_back(_runs, retract_running)
    NOT_SENT = "not_sent", _takes_back(is_under_way, retract_sent)


def mark_named(value: str) -> ReplayMark | None:
    """The mark that a form names, if it names one."""
    return next((mark for mark in ReplayMark if mark == value), None)


def replay_marks(integration: Integration) -> tuple[ReplayMark, ...]:
    """What can be said about the newest request, and about a Replay before it."""
    return tuple(mark for mark in ReplayMark if mark.rule.is_open(integration))


# --- about the request that a CSM saw -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenRequests:
    """What marks are about, as the CSM saw it.

    `newest` is the newest request. `earlier` is the Replay that is to be confirmed, `confirmed` the
    earlier one that is. `sent` names the report that the newest was sent, and `answer` the newest
    report of Segment's answer.
    """

    newest: int | None = None
    earlier: int | None = None
    sent: StampNumber | None = None
    answer: StampNumber | None = None
    confirmed: int | None = None


def requests_shown(integration: Integration) -> SeenRequests:
    """What a CSM sees who is about to mark a Replay."""
    earlier, sent = unconfirmed_before(integration), sending_shown(integration) or None
    confirmed = confirmed_before(integration)
    return SeenRequests(
        newest=request_shown(integration),
        earlier=earlier.number if earlier else None,
        sent=sent,
        answer=answer_shown(integration),
        confirmed=confirmed.number if confirmed else None,
    )


def of_request(decision: Decision, mark: ReplayMark, seen: SeenRequests) -> Decision:
    """The decision that this mark makes, about the request as it was seen."""
    fresh = still(decision, seen.newest, request_shown)
    fresh = still(fresh, seen.answer, answer_shown) if mark.rule.replaces_answer else fresh
    return still(fresh, seen.sent, sending_shown)


def marking(mark: ReplayMark, seen: SeenRequests) -> Decision | None:
    """The decision that this mark makes. None if it needs further input, or is of no request."""
    if mark is ReplayMark.EARLIER:
        return None if seen.earlier is None else confirming(seen.earlier)
    if mark is ReplayMark.NOT_EARLIER:
        return None if seen.confirmed is None else _retracting(seen.confirmed)
    return of_request(mark.rule.step, mark, seen) if mark.rule.step else None


def confirming(number: int) -> Decision:
    """Toplyne has the history of the Replay with this number."""
    return lambda now, stamp: confirm_history(now, number, stamp)


def _retracting(number: int) -> Decision:
    return lambda now, stamp: retract_history(now.integration, number, stamp)
