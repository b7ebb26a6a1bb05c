"""Draws a personal message for its reader, by what they may do at that moment."""

from functools import partial

from bot.views.csm.messages import Talk
from bot.views.kit.message import Rendered, has_buttons
from bot.views.people.messages import render
from flows.model import Situation
from flows.outbox.bodies import Personal
from flows.outbox.messages import Message
from flows.reminders.readers import PassingOn


async def for_reader(
    passing_on: PassingOn,
    message: Message,
    body: Personal,
    situation: Situation,
    team: str,
    talk: Talk = Talk.OPEN,
) -> Rendered:
    """Slack is asked about the reader only where there is something to press."""
    draw = partial(render, body, situation, team, talk)
    drawn = draw()
    if not has_buttons(drawn):
        return drawn
    onlooker = await passing_on.onlooker(situation, message)
    return draw(onlooker=onlooker) if onlooker else drawn
