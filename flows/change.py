"""What a decision comes to: the next state of an integration and what happened on the way."""

from dataclasses import dataclass, replace
from typing import Protocol

from flows.history import Event
from flows.model import Integration, Screen
from flows.vocabulary import Stamp

FORMS_REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Change:
    """What a pure step answers with; without events and with the same integration, nothing."""

    integration: Integration
    events: tuple[Event, ...] = ()


class StampedStep(Protocol):
    """A pure step that needs nothing but who and when."""

    def __call__(self, integration: Integration, stamp: Stamp) -> Change: ...


def once(form: str, change: Change, before: Integration) -> Change:
    """The change, unless it was made from this very modal before: its button was pressed again."""
    if not form:
        return change
    if form in before.forms:
        return Change(before)
    forms = (*before.forms, form)[-FORMS_REMEMBERED:]
    return replace(change, integration=replace(change.integration, forms=forms))


def touched(integration: Integration, *screens: Screen) -> Integration:
    """Marks the answers of screens as changed by the save that comes next.

    A colleague who was asked for one of them need not do it any more.
    """
    changed = {**integration.changed, **dict.fromkeys(screens, integration.revision + 1)}
    asked = integration.delegation
    is_done = asked is not None and asked.screen in screens
    return replace(integration, changed=changed, delegation=None if is_done else asked)


def is_stale(integration: Integration, screen: Screen, revision: int) -> bool:
    """Whether somebody changed this screen's answer after the person was shown it."""
    return integration.changed.get(screen, 0) > revision
