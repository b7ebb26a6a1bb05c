"""Finds the set-up that people mean when they write to the app.

In an organisation, a person has one conversation with the app for all Slack workspaces. Slack does
not say which of them they mean.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import IntEnum

from flows.csm.events import CustomerReplied
from flows.errors import NotFound, RowUnreadable
from flows.history import FromCsm, StoredEvent, written_to
from flows.model import Integration
from flows.outbox.bodies import CsmMessage
from flows.outbox.messages import DIRECT_CONVERSATIONS
from flows.ports import UnitOfWork
from flows.setup.reaching import is_reached

TALK_LOOKED_BACK = 200  # history entries
STILL_TALKING = timedelta(days=14)  # after a CSM wrote


class TalkState(IntEnum):
    """How far a person and a CSM are with each other. The most wins."""

    NONE = 0
    UNDER_WAY = 1
    WAITS = 2  # for the person's answer


async def talk_of(
    work: UnitOfWork, user_id: str, team_id: str, now: datetime
) -> tuple[Integration | None, bool]:
    """The set-up that they write about, and whether a CSM talks with them about it.

    A message that waits for their answer comes first, then the newest message from a CSM, then the
    Slack workspace where they write.
    """
    here = await work.integrations.of_team(team_id)
    found = [each for each in (await _newest(work, user_id), here) if each]
    talks = [(await _talk(work, each, user_id, now), each) for each in found]
    talk, about = max(talks, key=lambda each: each[0], default=(TalkState.NONE, None))
    return (about, True) if talk else (here, False)


async def _newest(work: UnitOfWork, user_id: str) -> Integration | None:
    """The set-up that a CSM wrote to them about last, if it is still there."""
    said = await work.outbox.newest(f"{DIRECT_CONVERSATIONS}{user_id}", CsmMessage.kind)
    if said is None:
        return None
    try:
        integration = await work.integrations.get(said.message.integration_id)
    except (NotFound, RowUnreadable):
        return None
    return integration if is_reached(await work.teams.get(integration.team_id)) else None


async def _talk(
    work: UnitOfWork, integration: Integration, user_id: str, now: datetime
) -> TalkState:
    latest, lately = (
        await work.history.latest(integration.id, TALK_LOOKED_BACK),
        now - STILL_TALKING,
    )
    if _waits(latest, user_id, lately):
        return TalkState.WAITS
    asked = any(each.by == user_id for each in integration.csm.questions)
    return TalkState.UNDER_WAY if asked or written_to(latest, user_id, lately) else TalkState.NONE


def _waits(latest: Iterable[StoredEvent], user_id: str, since: datetime) -> bool:
    """Whether they got what they have not answered yet. `latest`: newest first."""
    replies: list[CustomerReplied] = []
    for event in (each.event for each in latest):
        if isinstance(event, CustomerReplied):
            replies.append(event)
        elif isinstance(event, FromCsm) and event.to == user_id and event.stamp.at > since:
            return not any(reply.is_answer_to(event.to, event.number) for reply in replies)
    return False
