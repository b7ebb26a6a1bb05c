"""Messages that say what to do about their own matter are drawn anew when that is another step.

What comes next in the whole set-up can change at any time. So no message says it but those that are
drawn anew each time; the others say what stays true, and leave it to windows and Home.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from flows.history import Event
from flows.model import Integration, Situation
from flows.outbox.redraw import TOLD_BY, outdate
from flows.ports import UnitOfWork
from flows.replay.events import Completed, ReplayRequested
from flows.replay.steps import open_ends, reports
from flows.replay.undoing import undoable
from flows.replay.window import missing_sources
from flows.setup.blockers import historic_sync_blocker, incidents, replay_prerequisites
from flows.setup.events import FinishedLiveOnly, LiveSyncStarted
from flows.setup.replays import asked_about, news_going_on
from flows.vocabulary import Stamp

_SUMMED_UP = (Completed, FinishedLiveOnly)


async def redraw_own_steps(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """A reaction to every change. What follows from a disconnect is in `flows.outbox.redraw`."""
    if after.integration.disconnected:
        return
    if report := _report_that_stays(before):
        mark = f"stays:{report.at.timestamp():.3f}"
        await outdate(work, after.integration, {ReplayRequested}, events, mark)
    if kinds := {*_of_another_step(before, after)}:
        mark = f"end:{after.integration.revision}:{after.now.timestamp():.3f}"
        await outdate(work, after.integration, kinds, events, mark)


def _of_another_step(before: Situation, after: Situation) -> Iterator[type[Event]]:
    was, integration = before.integration, after.integration
    is_same_end = (was.outcome, was.plan) == (integration.outcome, integration.plan)
    if was.outcome and (not is_same_end or _are_other_ends(before, after)):
        yield from _SUMMED_UP
    if was.replay and _asked_by_replay(was) != _asked_by_replay(integration):
        yield from (TOLD_BY[news] for news in news_going_on(integration))
    is_live = was.live_started or integration.live_started
    if is_live and _asked_by_data(before) != _asked_by_data(after):
        yield LiveSyncStarted


def _asked_by_replay(integration: Integration) -> tuple[object, ...]:
    """What the news of a Replay ask for, by how far Segment is with it."""
    answer = integration.replay_scheduled, asked_about(integration)
    return historic_sync_blocker(integration), *answer


def _report_that_stays(before: Situation) -> Stamp | None:
    """The report that could be taken back when Segment was looked at last, and cannot any more."""
    looked = replace(before, now=before.observed.looked_at or before.now)
    mark = undoable(looked)
    return reports(before.integration)[mark] if mark and undoable(before) is None else None


def _asked_by_data(situation: Situation) -> tuple[object, ...]:
    """What the news of first data ask for: the history, unless it is, or what is needed for it."""
    integration = situation.integration
    needed = replay_prerequisites(integration, situation.observed)[:1]
    is_over = bool(integration.replay or integration.outcome or not integration.live_started)
    return missing_sources(situation), is_over or needed


def _are_other_ends(before: Situation, after: Situation) -> bool:
    """Whether something is open no more, or more is open. What broke has a message of its own."""
    was, now = open_ends(before), open_ends(after)
    broken = incidents(after.integration, after.observed)
    more = any(end not in was and end.blocked not in broken for end in now)
    return more or any(end not in now for end in was)
