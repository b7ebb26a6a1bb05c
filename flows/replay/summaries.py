"""The summary at the end is drawn anew when the end that it tells is another one."""

from collections.abc import Hashable, Sequence

from flows.history import Event
from flows.model import Situation
from flows.outbox.redraw import outdate
from flows.ports import UnitOfWork
from flows.replay.events import Completed
from flows.replay.steps import open_ends
from flows.setup.events import FinishedLiveOnly

_SUMMED_UP = (Completed, FinishedLiveOnly)


async def redraw_summaries(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """A reaction to every change. What follows from a disconnect is in `flows.outbox.redraw`."""
    integration, told = after.integration, _told(before)
    if told and told != _told(after) and not integration.disconnected:
        mark = f"end:{integration.revision}:{after.now.timestamp():.3f}"
        await outdate(work, integration, _SUMMED_UP, events, mark)


def _told(situation: Situation) -> Hashable:
    """What a summary says, without counts and times. Nothing before an end."""
    integration = situation.integration
    if integration.outcome is None:
        return None
    return integration.outcome, integration.plan, open_ends(situation)
