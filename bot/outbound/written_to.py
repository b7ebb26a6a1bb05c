"""Answers whoever writes to the app by what they may see and do at that moment."""

from bot.views.kit.message import Rendered
from bot.views.people.managing import not_member_message
from bot.views.people.messages import render
from bot.views.people.writing import render_nowhere
from flows.errors import DirectoryUnavailable
from flows.model import Situation
from flows.outbox.bodies import Hint, PassOn, TokenWarning
from flows.setup.permissions import Members, NotMember
from flows.vocabulary import Actor


async def answer(
    body: Hint | PassOn | TokenWarning,
    situation: Situation,
    reader: str,
    team: str,
    members: Members,
) -> Rendered:
    """Anybody can write, and only a full member reads of what is set up.

    Raises `DirectoryUnavailable`, but for a warning: that is for everybody, and says nothing of it.
    """
    integration = situation.integration
    try:
        member = await members.require(Actor(integration.tenant_id, integration.team_id, reader))
    except NotMember:
        return render_nowhere(body) if isinstance(body, TokenWarning) else not_member_message()
    except DirectoryUnavailable:
        if isinstance(body, TokenWarning):
            return render(body, situation, team)
        raise
    onlooker = await members.unless_able(member, situation)
    return render(body, situation, team, onlooker=onlooker)
