"""What each kind of message depends on. While that is the same, it says and offers the same.

A test draws all of them in all standings: where one looks otherwise, this is another value.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flows.csm.facts import Rejectable, Rejection
from flows.model import Integration, Outcome, Situation, Verification
from flows.outbox import bodies
from flows.outbox.bodies import Heard, Personal
from flows.outbox.colleagues import (
    asked_on_to,
    became_of,
    is_asked_anew,
    is_awaited,
    may_add,
    still_asks,
)
from flows.reminders.steps import is_done
from flows.replay.news import is_news_over
from flows.replay.steps import open_ends
from flows.replay.undoing import undoable
from flows.replay.window import missing_sources, past_replays
from flows.setup.blockers import (
    Blocked,
    current_screen,
    delivering_sources,
    due_blocker,
    first_blocker,
    historic_sync_blocker,
    incidents,
    replay_prerequisites,
    screen_of,
)
from flows.setup.progress import progress
from flows.setup.replays import asked_about, rejection_of
from flows.vocabulary import Plan


def says(body: Personal, situation: Situation) -> object:
    """What this message depends on; None for what is not drawn again by a change."""
    rule = SAYS.get(type(body))
    return rule(body, situation) if rule else None


def told_by_time(situation: Situation) -> object:
    """What the passing of time alone can change of what messages say."""
    due = due_blocker(situation)
    put_off = due and situation.integration.reminders.put_off(due.blocker, situation.now)
    return undoable(situation), put_off


def still_stands(news: bodies.IncidentNews, situation: Situation) -> bool:
    """Whether this is still broken, or again, for any source that the news name."""
    about = {source.id for source in (news.source, *news.others) if source}
    return any(
        each.blocker is news.blocker and (each.source is None or each.source.id in about)
        for each in incidents(situation)
    )


def still_rejected(body: bodies.Rejected, of: Integration) -> bool:
    """Whether this waits to be corrected, and not another of its kind that was rejected later."""
    done_without = body.what is Rejectable.REPLAY and of.outcome is Outcome.LIVE_ONLY
    arrives = of.plan is not Plan.FREE or of.live_started is not None
    if of.disconnected or done_without or (body.what is Rejectable.ARRIVAL and arrives):
        return False
    rejection = rejection_of(of, body.what)
    if body.at is None:
        return _still_rejected_before(body, of, rejection)
    return rejection is not None and rejection.rejected.at == body.at


def _still_rejected_before(
    body: bodies.Rejected, of: Integration, rejection: Rejection | None
) -> bool:
    """The same of what earlier versions stored, which kept no rejection of data that arrives."""
    if rejection is None:
        return body.what is Rejectable.ARRIVAL and of.says_connected is None
    known = of.credentials
    named = known.workspace.label if known else ""
    is_there = body.what is not Rejectable.CREDENTIALS or body.workspace in ("", named)
    return is_there and body.reason in ("", rejection.reason)


def is_told_apart(body: Personal, before: Situation, after: Situation) -> bool:
    """Whether news of their own tell what changed. What broke is one message, and so is that it
    broke again: that it was over stays said, and a summary stays as it was until it is mended.
    """
    match body:
        case bodies.IncidentNews():
            return not still_stands(body, before)
        case bodies.Summary():
            was, now = (incidents(each) for each in (before, after))
            return {*was} < {*now} and _left_open(before) == _left_open(after)
    return False


def _left_open(situation: Situation) -> object:
    of = situation.integration
    broken = incidents(situation)
    left = tuple(end for end in open_ends(situation) if end.blocked not in broken)
    return _where(of), of.plan, of.outcome, left


# --- what several kinds depend on -----------------------------------------------------------------


def _where(of: Integration) -> object:
    """Whether the set-up is there, and whose data it is about."""
    known = of.credentials
    return of.begun, of.disconnected is None, of.region, known and known.workspace


def _step(blocked: Blocked | None, of: Integration) -> object:
    """What the words and the button of a step depend on, and how far others are with it. The day
    that Segment named counts once somebody was asked about it, not when it comes.
    """
    return blocked, screen_of(blocked, of), of.replay_scheduled, asked_about(of), of.says_connected


def _next(situation: Situation) -> object:
    """What the sentence and the button for what comes next depend on."""
    of = situation.integration
    return of.begun, of.outcome, _step(first_blocker(situation), of)


def _judged(of: Integration) -> object:
    """Which Segment workspace a CSM judged, and how."""
    return of.credentials and (of.credentials.verification, of.credentials.workspace.label)


# --- kind by kind ---------------------------------------------------------------------------------


def _of_place(_body: Personal, situation: Situation) -> object:
    return _where(situation.integration)


def _begun_once(_body: bodies.Welcome, situation: Situation) -> object:
    """It offers the beginning again to nobody who has left: the farewell does."""
    return situation.integration.begun or situation.integration.disconnected is not None


def _begun(_body: Personal, situation: Situation) -> object:
    return situation.integration.begun, situation.integration.disconnected is None


def _asked(body: bodies.ColleagueAsked, situation: Situation) -> object:
    of = situation.integration
    if not is_awaited(body, situation):
        return _where(of), is_asked_anew(body, situation)
    if heir := asked_on_to(body, situation):
        return _where(of), heir
    return _where(of), due_blocker(situation), of.sources


def _heard(body: bodies.DelegationNews, situation: Situation) -> object:
    now, of = became_of(body, situation), situation.integration
    return _where(of), now, body.how is Heard.DONE and _next(situation)


def _to_go_on(body: bodies.AskedToGoOn, situation: Situation) -> object:
    asks = still_asks(body, situation)
    return _where(situation.integration), asks and (may_add(body, situation), _next(situation))


def _confirmed(_body: bodies.Confirmed, situation: Situation) -> object:
    of = situation.integration
    known, live = of.credentials, of.live_started is not None
    is_open = known is not None and known.verification is Verification.CONFIRMED and not live
    return _judged(of), live, is_open and (of.says_connected, _next(situation))


def _rejected(body: bodies.Rejected, situation: Situation) -> object:
    of = situation.integration
    names_it = body.what in (Rejectable.CREDENTIALS, Rejectable.ARRIVAL)
    return names_it and _judged(of), rejection_of(of, body.what), still_rejected(body, of)


def _arrival(_body: bodies.ArrivalConfirmed, situation: Situation) -> object:
    return _where(situation.integration), situation.integration.live_started is not None


def _first_data(body: bodies.FirstData, situation: Situation) -> object:
    of, about = situation.integration, (body.source_id, *body.others)
    named = tuple(source.label for source in of.sources if source.id in about)
    needed = replay_prerequisites(situation)[:1]
    is_over = bool(of.replay or of.outcome or not of.live_started)
    asks = is_over or tuple(_step(blocked, of) for blocked in needed)
    return _where(of), named, missing_sources(situation), asks


def _request(body: bodies.ReplayInstructions, situation: Situation) -> object:
    of = situation.integration
    if of.replay is None or of.replay.number != body.number:
        ran = [past for past in past_replays(of) if past.number == body.number]
        return _where(of), of.replay is None, *ran
    facts = of.replay, of.sources, of.plan, of.outcome, of.csm.rejections, past_replays(of)
    reports = of.replay_sent, of.replay_running, of.replay_finished, undoable(situation)
    return _where(of), facts, reports, _step(historic_sync_blocker(of), of)


def _summary(_body: bodies.Summary, situation: Situation) -> object:
    of = situation.integration
    reached = _where(of), of.plan, of.outcome, of.csm.rejections, past_replays(of)
    live = incidents(situation), delivering_sources(situation), of.sources
    return reached, of.outcome and (live, progress(situation), open_ends(situation))


def _replay_news(body: bodies.ReplayNews, situation: Situation) -> object:
    of = situation.integration
    is_over = is_news_over(body.what, of, body.on, body.ticket)
    return _where(of), is_over or _step(historic_sync_blocker(of), of)


def _reminder(body: bodies.Reminder, situation: Situation) -> object:
    of = situation.integration
    due = due_blocker(situation)
    newest = next(reversed(of.reminders.with_reader), None)
    if due is None or due.blocker is not body.blocker:
        return _where(of), is_done(body.blocker, due, of)
    if newest and body.decided and newest.at > body.decided:
        return newest.to, newest.blocker
    screen = current_screen(situation)
    put_off = of.reminders.put_off(due.blocker, situation.now)
    return _where(of), of.replay, screen, _step(due, of), put_off


def _incident(body: bodies.IncidentNews, situation: Situation) -> object:
    return _where(situation.integration), still_stands(body, situation)


# Missing: what answers a press and says what was next then, what is the same at any time, and what
# a CSM wrote, which its reader's answer alone changes.
SAYS: Mapping[type[Personal], Callable[[Any, Situation], object]] = {
    bodies.Welcome: _begun_once,
    bodies.ColleagueAsked: _asked,
    bodies.DelegationNews: _heard,
    bodies.AskedToGoOn: _to_go_on,
    bodies.ColleagueDid: _of_place,
    bodies.Confirmed: _confirmed,
    bodies.Rejected: _rejected,
    bodies.FirstData: _first_data,
    bodies.ArrivalConfirmed: _arrival,
    bodies.ReplayInstructions: _request,
    bodies.Summary: _summary,
    bodies.ReplayNews: _replay_news,
    bodies.Reminder: _reminder,
    bodies.IncidentNews: _incident,
    bodies.RecoveryNews: _of_place,
    bodies.HelpReceived: _begun,
    bodies.Farewell: _begun,
}
