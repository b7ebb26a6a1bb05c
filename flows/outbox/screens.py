"""Draws what shows where a customer is: its card, App Homes, and open windows of live sync."""

from collections.abc import Sequence

from flows.history import Event
from flows.model import Situation
from flows.outbox.intents import draws_card, draws_home, draws_window
from flows.outbox.looks import is_same_day, learned_nothing
from flows.outbox.windows import OPEN_FOR, live_sync_says
from flows.ports import UnitOfWork
from flows.setup.events import LiveSyncStarted

MAX_HOMES = 20  # App Homes redrawn after a change


async def draw_screens(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """A reaction to every change: redraws the card and the Homes that were opened last, if they
    may look otherwise now.

    A look that learned nothing redraws at most once a day, for what only time changes.
    """
    if not events and learned_nothing(before, after) and is_same_day(before, after):
        return
    integration = after.integration
    mark = f"{integration.revision}:{after.now.timestamp():.3f}"
    await work.outbox.add(draws_card(integration.id, mark))
    for user_id in await work.home_viewers.recent(integration.team_id, MAX_HOMES):
        await work.outbox.add(draws_home(user_id, mark, integration.id))
    open_ones = [w for w, at in before.observed.windows.items() if after.now - at < OPEN_FOR]
    began = any(isinstance(event, LiveSyncStarted) for event in events)
    if open_ones and (began or live_sync_says(before) != live_sync_says(after)):
        for window in open_ones:
            await work.outbox.add(draws_window(window, mark, integration.id))
