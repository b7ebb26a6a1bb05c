"""What follows from every change of a set-up, in order and in the change's transaction."""

from datetime import timedelta
from functools import partial

from flows.checks.incidents import tell_incidents
from flows.csm.needs import attended
from flows.outbox.announce import announce
from flows.outbox.screens import draw_screens
from flows.outdated import redraw_outdated
from flows.projection import project
from flows.recording import Reactions
from flows.reminders.schedule import USUAL_RULES, Rules
from flows.toplyne.triggers import ToplyneTriggers


def usual_reactions(
    poll_interval: timedelta,
    rules: Rules = USUAL_RULES,
    to_toplyne: ToplyneTriggers | None = None,
) -> Reactions:
    """The usual reactions. `to_toplyne` stores what Toplyne's backend is told; None: nothing."""
    return Reactions(
        attend=attended,
        project=partial(project, poll_interval=poll_interval, rules=rules),
        others=(
            redraw_outdated,  # before anybody is told of this change
            announce,
            *([to_toplyne] if to_toplyne else []),
            tell_incidents,
            draw_screens,
        ),
        withdraw=to_toplyne.withdraw_unread if to_toplyne else None,
    )
