"""The summary at the end is drawn anew when the end that it tells is another one."""

from collections.abc import Sequence

from flows.history import Event
from flows.model import Situation
from flows.outbox.redraw import outdate
from flows.ports import UnitOfWork
from flows.replay.events import Completed
from flows.replay.steps import open_ends
from flows.setup.blockers import incidents
from flows.setup.events import FinishedLiveOnly

_SUMMED_UP = (Completed, FinishedLiveOnly)


async def redraw_summaries(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """A reaction to every change. What follows from a disconnect is in `flows.outbox.redraw`."""
    was, integration = before.integration, after.integration
    if was.outcome is None or integration.disconnected:
        return
    is_same = (was.outcome, was.plan) == (integration.outcome, integration.plan)
    if not is_same or _are_other_ends(before, after):
        mark = f"end:{integration.revision}:{after.now.timestamp():.3f}"
        await outdate(work, integration, _SUMMED_UP, events, mark)


def _are_other_ends(before: Situation, after: Situation) -> bool:
    """Whether something is open no more, or more is open. What broke has a message of its own."""
    was, now = open_ends(before), open_ends(after)
    broken = incidents(after.integration, after.observed)
    more = any(end not in was and end.blocked not in broken for end in now)
    return more or any(end not in now for end in was)
