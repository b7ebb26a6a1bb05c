"""What people asked and what happened once: opened by an event, ended by another one.

Several can be open: each has its own number, knows who opened it, and has its own end.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from flows.csm.events import CsmWrote, CustomerReplied, MattersAnswered
from flows.csm.facts import ASKED, CsmFacts, Ended, Matter, Need
from flows.errors import NotFound
from flows.history import Event
from flows.model import Integration
from flows.outbox.announce import contact
from flows.reminders.events import RanOut
from flows.replay.events import ReplayQuestioned
from flows.setup.events import HelpAsked, Installed, Stuck, Uninstalled
from flows.vocabulary import Stamp

LONGEST = 200  # letters of what was asked; the history has all of it
OPEN_KEPT = 50
ENDED_KEPT = 20


def attended(integration: Integration, events: Iterable[Event]) -> Integration:
    """The facts after these events."""
    csm = integration.csm
    for event in events:
        csm = _after(csm, event)
    return integration if csm is integration.csm else replace(integration, csm=csm)


def matter_of(integration: Integration, number: int) -> Matter:
    """Also one that has ended, for a while. Raises `NotFound`."""
    for matter in integration.csm.matters:
        if matter.number == number:
            return matter
    raise NotFound(f"matter {number}")


def recipient(integration: Integration, number: int | None) -> str:
    """Who opened this matter; the customer's contact for what nobody opened, and for none.

    Raises `NotFound`.
    """
    opened_by = "" if number is None else matter_of(integration, number).by
    return opened_by or contact(integration)


def _after(csm: CsmFacts, event: Event) -> CsmFacts:
    match event:
        case HelpAsked() | ReplayQuestioned():
            return _asked(csm, Need.HELP, event.stamp, event.number, event.note)
        case CustomerReplied():
            return _asked(csm, Need.REPLIED, event.stamp, event.number, event.text)
        case Stuck() | RanOut():
            return _noticed(csm, Need.STUCK, event.stamp)
        case Uninstalled():
            return _noticed(csm, Need.UNINSTALLED, event.stamp)
        case Installed():
            return _ended(csm, Ended(event.stamp), lambda each: each.reason is Need.UNINSTALLED)
        case CsmWrote():
            csm = replace(csm, numbered=max(csm.numbered, event.number))
            return _ended(csm, Ended(event.stamp, event.number), _answered_by(event))
        case MattersAnswered(matters=()):
            return _ended(csm, Ended(event.stamp), lambda _: True)
        case MattersAnswered(matters=numbers):
            return _ended(csm, Ended(event.stamp), lambda each: each.number in numbers)
    return csm


def _answered_by(event: CsmWrote) -> Callable[[Matter], bool]:
    """What it answers, or else what nobody opened; who is stuck has heard of a CSM in any case."""

    def is_meant(matter: Matter) -> bool:
        if matter.reason is Need.STUCK:
            return True
        if event.answers is not None:
            return matter.number == event.answers
        return matter.reason in ASKED and not matter.by

    return is_meant


def _asked(csm: CsmFacts, reason: Need, stamp: Stamp, number: int, text: str) -> CsmFacts:
    return _opened(csm, Matter(reason, stamp.at, number, stamp.by, text[:LONGEST]))


def _noticed(csm: CsmFacts, reason: Need, stamp: Stamp) -> CsmFacts:
    """What is open already stays as old as it is."""
    if any(each.reason is reason for each in csm.open_matters):
        return csm
    return _opened(csm, Matter(reason, stamp.at, csm.numbered + 1))


def _opened(csm: CsmFacts, matter: Matter) -> CsmFacts:
    ended = [each for each in csm.matters if each.ended][-ENDED_KEPT:]
    open_ = [*csm.open_matters, matter][-OPEN_KEPT:]
    kept = sorted((*ended, *open_), key=lambda each: each.since)
    return replace(csm, matters=tuple(kept), numbered=max(csm.numbered, matter.number))


def _ended(csm: CsmFacts, end: Ended, is_meant: Callable[[Matter], bool]) -> CsmFacts:
    matters = tuple(
        replace(each, ended=end) if each.ended is None and is_meant(each) else each
        for each in csm.matters
    )
    return csm if matters == csm.matters else replace(csm, matters=matters)
