"""What follows from every change of a set-up, in order and in the change's transaction."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from flows.checks.incidents import tell_incidents
from flows.csm.needs import attended
from flows.history import Event
from flows.model import Situation
from flows.outbox.announce import redraw, replay_edits, tell
from flows.outbox.redraw import draw_screens
from flows.ports import UnitOfWork
from flows.projection import project
from flows.recording import Reaction, Reactions
from flows.reminders.schedule import USUAL_RULES, Rules
from flows.setup.blockers import setup_blocker


def usual_reactions(
    poll_interval: timedelta, rules: Rules = USUAL_RULES, to_toplyne: Reaction | None = None
) -> Reactions:
    """The usual reactions. `to_toplyne` stores what Toplyne's backend is told; None: no webhook."""
    return Reactions(
        attend=attended,
        project=partial(project, poll_interval=poll_interval, rules=rules),
        others=(
            announce,
            *([to_toplyne] if to_toplyne else []),
            tell_incidents,
            outdate_reminders,
            draw_screens,
        ),
    )


async def announce(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """Writes the history, tells the people concerned, and corrects messages that became untrue."""
    await tell(work, after.integration, events)
    for message in replay_edits(before.integration, after.integration):
        await work.outbox.add(message)


async def outdate_reminders(
    work: UnitOfWork, before: Situation, after: Situation, _events: Sequence[Event]
) -> None:
    """Takes the buttons off reminders about what the set-up no longer waits for, each once."""
    integration = after.integration
    sent = before.integration.reminders.sent or integration.reminders.sent
    blocked = setup_blocker(integration, after.observed)
    current = blocked.blocker if blocked and not integration.disconnected else ""
    outdated = [each for each in sent if each.to and each.blocker != current]
    for each in outdated:
        key = each.key(integration.id)
        await work.outbox.add(redraw(integration.id, each.to, key, "gone"))
