"""The pure steps of a Replay: draft, request, and reports until it has finished."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, tzinfo
from enum import StrEnum
from itertools import takewhile

from flows.csm.facts import Need, Rejectable
from flows.history import Event
from flows.model import Integration, Outcome, Screen, Situation
from flows.recording import Change, touched
from flows.replay.events import (
    Completed,
    Left,
    OpenEnd,
    ReplayFinished,
    ReplayQuestioned,
    ReplayRequested,
    ReplayRunning,
    ReplayScheduled,
    ReplaySent,
)
from flows.replay.facts import ReplayRequest, ReplayWindow, Scheduled
from flows.replay.request import sources_left_out
from flows.replay.window import missing_sources, past_replays, unconfirmed_replays
from flows.setup.blockers import (
    Blocked,
    Blocker,
    credentials_blocker,
    historic_sync_blocker,
    incidents,
    is_watched,
    source_blocker,
)
from flows.setup.replays import REPLAY_SCREENS, REQUEST_SCREENS, day_come, stands
from flows.setup.steps import corrected
from flows.vocabulary import Stamp
from flows.zones import LAST_ZONE


def draft_window(integration: Integration, window: ReplayWindow) -> Change:
    """Stores another window. Details and previews of an earlier one become stale."""
    drafted = replace(integration, replay_draft=window)
    after = touched(drafted, Screen.REPLAY_EVENTS, Screen.REPLAY_PREVIEW, is_done=False)
    return Change(after)


def draft_events(integration: Integration, window: ReplayWindow) -> Change:
    """Stores other events. Previews of the earlier draft become stale."""
    drafted = replace(integration, replay_draft=window)
    return Change(touched(drafted, Screen.REPLAY_PREVIEW, is_done=False))


def request_replay(integration: Integration, request: ReplayRequest) -> Change:
    """Hands the request off. It takes the place of one that has not finished.

    A finished one is kept with its outcome: the request is an additional one then.
    """
    past = past_replays(integration)
    after = replace(
        corrected(integration, Rejectable.REPLAY),
        past_replays=past,
        replay=request,
        replay_sent=None,
        replay_scheduled=None,
        replay_running=None,
        replay_finished=None,
        replay_confirmed=None,
        outcome=integration.outcome if past else None,
        outcome_reached=integration.outcome_reached if past else None,
    )
    event = ReplayRequested(request.requested, request.number)
    after = touched(after, *REQUEST_SCREENS)
    return Change(after, (event,))


class Mark(StrEnum):
    """What people report about a Replay, in order."""

    SENT = "sent"
    RUNNING = "running"
    FINISHED = "finished"


_REPORTED: dict[Mark, type[ReplaySent | ReplayRunning | ReplayFinished]] = {
    Mark.SENT: ReplaySent,
    Mark.RUNNING: ReplayRunning,
    Mark.FINISHED: ReplayFinished,
}


def reports(integration: Integration) -> dict[Mark, Stamp]:
    """Who reported what of the newest request, in order."""
    found = {
        Mark.SENT: integration.replay_sent,
        Mark.RUNNING: integration.replay_running,
        Mark.FINISHED: integration.replay_finished,
    }
    return {mark: stamp for mark, stamp in found.items() if stamp}


def mark_replay(situation: Situation, mark: Mark, stamp: Stamp) -> Change:
    """Sets the mark and the earlier ones that it implies. A second time changes nothing.

    Nothing can be reported of a request that was rejected. The end of a Replay completes the
    set-up, and the history says what is still open then. All screens of a request count as
    changed, since what a further request says depends on how far this one is.
    """
    integration, request = situation.integration, situation.integration.replay
    if request is None or not stands(integration):
        return Change(integration)
    made = reports(integration)
    if mark in made:
        return Change(integration)
    implied = takewhile(lambda each: each is not mark, Mark)
    made = dict.fromkeys([*implied, mark], stamp) | made
    after = replace(
        integration,
        replay_sent=made.get(Mark.SENT),
        replay_running=made.get(Mark.RUNNING),
        replay_finished=made.get(Mark.FINISHED),
    )
    events: list[Event] = [_REPORTED[mark](stamp)]
    if Mark.FINISHED in made:
        first = integration.outcome_reached if integration.outcome else stamp
        after = replace(
            after, outcome=Outcome.WITH_HISTORY, outcome_reached=first, replay_draft=None
        )
        events.append(_completed(replace(situation, integration=after), request, stamp))
    return Change(touched(after, *REPLAY_SCREENS), tuple(events))


def _completed(situation: Situation, request: ReplayRequest, stamp: Stamp) -> Completed:
    """The whole set-up in short, for the record."""
    integration, window, ends = situation.integration, request.window, open_ends(situation)
    return Completed(
        stamp,
        workspace=request.workspace.label,
        plan=integration.plan,
        region=integration.region,
        sources=tuple(source.label for source in integration.sources),
        start=window.start,
        end=window.end,
        everything=window.everything,
        left_open=len(ends),
        ends=ends,
    )


_REJECTED = (Blocker.CREDENTIALS_REJECTED, Blocker.SOURCES_REJECTED, Blocker.REPLAY_REJECTED)


def open_ends(situation: Situation) -> tuple[OpenEnd, ...]:
    """What is open although the set-up has ended, in the order in which it can be done."""
    if situation.integration.outcome is None:
        return ()
    return tuple(_open_ends(situation))


def _open_ends(situation: Situation) -> Iterator[OpenEnd]:
    integration = situation.integration
    if blocked := _rejected_blocker(integration):
        yield OpenEnd(Left.SOURCE, blocked)
    yield from (OpenEnd(Left.SOURCE, blocked) for blocked in _not_delivering(situation))
    if missing := missing_sources(situation):
        yield OpenEnd(Left.HISTORY, sources=missing)
    for each in integration.csm.questions:
        yield OpenEnd(Left.QUESTION, by=each.by, replied=each.reason is Need.REPLIED)
    if unconfirmed := unconfirmed_replays(integration):
        sources = tuple(source for past in unconfirmed for source in past.sources)
        yield OpenEnd(Left.UNCONFIRMED, sources=sources)


def _rejected_blocker(integration: Integration) -> Blocked | None:
    """What a CSM asks the customer to correct first, if anything."""
    found = (credentials_blocker(integration), historic_sync_blocker(integration))
    return next((each for each in found if each and each.blocker in _REJECTED), None)


def still_open(situation: Situation) -> tuple[Blocked, ...]:
    """What a person may not know when they report the end of a Replay.

    That is what broke, and the chosen sources that do not deliver, unless the request named them as
    left out.
    """
    replay = situation.integration.replay
    named = replay.left_out if replay else ()
    broken = incidents(situation)
    found = _not_delivering(situation)
    return tuple(each for each in found if each in broken or each.source not in named)


def _not_delivering(situation: Situation) -> Iterator[Blocked]:
    """What broke, then chosen sources that have never delivered, as far as anybody looks."""
    if not is_watched(situation.integration):
        return
    broken = incidents(situation)
    yield from broken
    for source in sources_left_out(situation):
        blocked = source_blocker(source, situation.observed.statuses.get(source.id))
        if blocked and blocked not in broken:
            yield blocked


def schedule_replay(
    integration: Integration,
    on: date | None,
    ticket: str,
    stamp: Stamp,
    here: tzinfo = LAST_ZONE,
    *,
    no_day: bool = False,
) -> Change:
    """Stores Segment's answer: when they run it, and their number. It implies that it was sent.

    If the day known before has come for whoever lives `here`, Segment did not keep it. Then even
    the same day is news. An answer without a day leaves a day that is still ahead, since a
    colleague may have heard it. `no_day` says that this day was a mistake.
    """
    begun = integration.replay_running or integration.replay_finished
    if begun or not stands(integration):
        return Change(integration)
    known = integration.replay_scheduled
    if no_day and not (ticket or (known and known.on)):
        return Change(integration)
    if no_day and known and known.on:
        return _without_day(integration, known, ticket, stamp)
    missed = day_come(integration, stamp.at, here)
    if known and not missed:
        on, missed = on or known.on, known.missed
        if (known.on, known.ticket) == (on, ticket):
            return Change(integration)
    if on == missed:
        missed = None
    implied = known.implied_sent if known else integration.replay_sent is None
    after = replace(
        integration,
        replay_sent=integration.replay_sent or stamp,
        replay_scheduled=Scheduled(stamp, on, ticket, missed, implied_sent=implied),
    )
    event = ReplayScheduled(stamp, on, ticket, missed)
    return Change(touched(after, *REPLAY_SCREENS), (event,))


def _without_day(integration: Integration, known: Scheduled, ticket: str, stamp: Stamp) -> Change:
    """Segment named no such day. If nothing of its answer is left, nothing shows that it was sent
    but what people said before.
    """
    said = Scheduled(stamp, None, ticket, known.missed, implied_sent=known.implied_sent)
    after = replace(integration, replay_scheduled=said)
    if not (ticket or known.missed):
        sent = None if known.implied_sent else integration.replay_sent
        after = replace(integration, replay_scheduled=None, replay_sent=sent)
    event = ReplayScheduled(stamp, None, ticket, known.missed, mistaken=known.on)
    return Change(touched(after, *REPLAY_SCREENS), (event,))


def ask_about_replay(integration: Integration, note: str, stamp: Stamp) -> Change:
    """Passes on a question by Segment about the request. It implies that it was sent."""
    if integration.replay is None:
        return Change(integration)
    after, scheduled = integration, integration.replay_scheduled
    if after.replay_sent is None:
        after = touched(replace(integration, replay_sent=stamp), *REPLAY_SCREENS)
    elif scheduled and scheduled.implied_sent:
        known = replace(scheduled, implied_sent=False)
        after = replace(integration, replay_scheduled=known)
    return Change(after, (ReplayQuestioned(stamp, note, integration.csm.numbered + 1),))
