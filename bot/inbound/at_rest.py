"""What people see again and again while nothing happens: drawn once, and kept by what it was drawn
from. Nothing kept can be stale, since all that a drawing reads is its key.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from slack_sdk.models.views import View

from bot.views.kit.message import Rendered
from bot.views.people.status import status_message
from flows.model import Integration, Observed, Screen, Situation
from flows.setup.results import ShowStep

KEPT = 1000  # drawings of each kind
# These look the same at any time, so the time is no part of the key. A test holds them to it.
SCREENS = frozenset(
    {
        Screen.PLAN,
        Screen.CREDENTIALS,
        Screen.SOURCES,
        Screen.LIVE_SYNC,
        Screen.UPGRADE,
        Screen.RECEIPT,
    }
)


class AtRest:
    """`draw` is how a screen is drawn when it is not kept."""

    def __init__(self, draw: Callable[[ShowStep], View]) -> None:
        self._draw = draw
        self._views = lru_cache(KEPT)(self._drawn)
        self._statuses = lru_cache(KEPT)(_status)

    def view(self, shown: ShowStep) -> View | None:
        """None for a screen that has more to say than where the set-up stands."""
        situation = shown.situation
        if shown.screen not in SCREENS or shown != ShowStep(shown.screen, situation):
            return None
        return self._views(shown.screen, situation.integration, situation.observed)

    def status(self, situation: Situation | None) -> str:
        """The answer to `/segment status`, as JSON."""
        if situation is None:
            return _as_json(status_message(None))
        return self._statuses(situation.integration, situation.observed)

    def _drawn(self, screen: Screen, integration: Integration, observed: Observed) -> View:
        return StillView(self._draw(ShowStep(screen, _any_time(integration, observed))))


class StillView(View):
    """A view that nobody changes any more: its dictionary, and the same as JSON, are made once."""

    def __init__(self, view: View) -> None:
        self.__dict__.update(view.__dict__)
        self._made = view.to_dict()
        self.text = json.dumps(self._made)

    def to_dict(self, *_arguments: Any) -> dict[str, Any]:
        return self._made


def argument_of(view: View) -> Any:
    """The view for the Web API: as JSON text where that is ready, else as it is."""
    return view.text if isinstance(view, StillView) else view


def _status(integration: Integration, observed: Observed) -> str:
    return _as_json(status_message(_any_time(integration, observed)))


def _as_json(message: Rendered) -> str:
    blocks = [block.to_dict() for block in message.blocks]
    return json.dumps({"response_type": "ephemeral", "text": message.text, "blocks": blocks})


def _any_time(integration: Integration, observed: Observed) -> Situation:
    return Situation(integration, observed, integration.created.at)
