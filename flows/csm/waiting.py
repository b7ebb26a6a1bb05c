"""Whom a customer waits for and since when, said alike by card and board. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flows.model import Situation, WaitingOn
from flows.replay.steps import open_ends
from flows.replay.window import unconfirmed_replays
from flows.setup.blockers import first_blocker
from flows.setup.progress import blocked_since


@dataclass(frozen=True, slots=True)
class Awaited:
    """`who` is None if nobody has to act."""

    who: WaitingOn | None
    since: datetime


def awaited(situation: Situation) -> Awaited:
    """The first outstanding thing decides. After the end it is what is still open."""
    blocked = first_blocker(situation)
    since = blocked_since(situation, blocked)
    if blocked:
        return Awaited(blocked.blocker.waiting_on, since)
    return next(_after_the_end(situation), Awaited(None, since))


def _after_the_end(situation: Situation) -> Iterator[Awaited]:
    """What only a CSM can do. What is left to the customer is up to them: nobody reminds them."""
    integration = situation.integration
    yield from (Awaited(WaitingOn.CSM, each.since) for each in integration.csm.questions)
    if integration.disconnected:
        return
    yield from (
        Awaited(WaitingOn.CSM, past.finished.at) for past in unconfirmed_replays(integration)
    )
    for end in open_ends(situation):
        if end.blocked and end.blocked.blocker.waiting_on is not WaitingOn.CUSTOMER:
            since = blocked_since(situation, end.blocked)
            yield Awaited(end.blocked.blocker.waiting_on, since)
