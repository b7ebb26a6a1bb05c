"""What a decision comes to: the next state of an integration and what happened on the way."""

from dataclasses import dataclass

from flows.history import Event
from flows.model import Integration


@dataclass(frozen=True, slots=True)
class Change:
    """What a pure step answers with; without events and with the same integration, nothing."""

    integration: Integration
    events: tuple[Event, ...] = ()
