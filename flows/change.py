"""The result of a decision: the integration's next state, and what happened on the way."""

from dataclasses import dataclass, replace
from typing import Protocol

from flows.history import Event
from flows.model import Integration, Screen
from flows.vocabulary import Stamp

FORMS_REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Change:
    """The result of a pure step. With no events and the same integration, nothing changed."""

    integration: Integration
    events: tuple[Event, ...] = ()


class StampedStep(Protocol):
    """A pure step that needs only who acted and when."""

    def __call__(self, integration: Integration, stamp: Stamp) -> Change: ...


def once(form: str, change: Change, before: Integration) -> Change:
    """The change, or none if this very modal made it already: its button was pressed twice."""
    if not form:
        return change
    if form in before.forms:
        return Change(before)
    forms = (*before.forms, form)[-FORMS_REMEMBERED:]
    return replace(change, integration=replace(change.integration, forms=forms))


def touched(integration: Integration, *screens: Screen) -> Integration:
    """Marks the answers of these screens as changed by the next save.

    A colleague who was asked to do one of them no longer has to.
    """
    changed = {**integration.changed, **dict.fromkeys(screens, integration.revision + 1)}
    asked = integration.delegation
    is_done = asked is not None and asked.screen in screens
    return replace(integration, changed=changed, delegation=None if is_done else asked)


def is_stale(integration: Integration, screen: Screen, revision: int) -> bool:
    """Whether this screen's answer changed after the person was shown it."""
    return integration.changed.get(screen, 0) > revision
