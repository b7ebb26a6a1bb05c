"""Keeps drawings that people open again and again while nothing happens.

A drawing is kept only while everything that it reads is unchanged, so it is never stale.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_sdk.models.views import View

from bot.outbound.clients import Ready
from bot.views.kit.message import Rendered
from bot.views.kit.standing import asked_day
from bot.views.people.status import status_message
from flows.kept import Newest
from flows.model import Integration, Observed, Screen, Situation
from flows.replay.steps import reports
from flows.replay.undoing import UNDO, undoable
from flows.setup.results import ShowStep

DRAWINGS_KEPT = 1000  # drawings of each kind
# These do not show the time, so it is not compared. A test makes sure of that.
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
        self._views = Newest(DRAWINGS_KEPT, self._drawn)
        self._statuses = Newest(DRAWINGS_KEPT, _status)

    def view(self, shown: ShowStep) -> View | None:
        """None for a screen that has more to say than where the set-up stands."""
        situation, window = shown.situation, shown.window
        if shown.screen not in SCREENS or shown != ShowStep(shown.screen, situation, window=window):
            return None
        if shown.screen is Screen.RECEIPT and undoable(situation):
            return None  # for some minutes the end can be taken back
        integration = situation.integration
        kept = self._views.of(
            (integration.id, shown.screen), (shown.screen, integration, situation.observed)
        )
        return NamedView(kept, window) if window else kept

    def status(self, situation: Situation | None, *, may_go_on: bool = True) -> str:
        """The answer to `/segment status`, as JSON, for somebody who may go on or only look."""
        if situation is None:
            return as_json(status_message(None))
        integration = situation.integration
        if integration.replay_scheduled and asked_day(situation):
            return as_json(status_message(situation, may_go_on=may_go_on))
        return self._statuses.of(
            (integration.id, may_go_on), (integration, situation.observed, may_go_on)
        )

    def _drawn(self, seen: tuple[Screen, Integration, Observed]) -> "StillView":
        screen, integration, observed = seen
        now = _settled(integration) if screen is Screen.RECEIPT else integration.created.at
        situation = Situation(integration, observed, now)
        return StillView(self._draw(ShowStep(screen, situation)))


def _settled(integration: Integration) -> datetime:
    """When nothing that was reported of the Replay can be taken back any more."""
    reported = (integration.created, *reports(integration).values())
    return max(each.at for each in reported) + UNDO


class StillView(View):
    """A view that no longer changes. Its dictionary and its JSON are made once."""

    def __init__(self, view: View) -> None:
        self.__dict__.update(view.__dict__)
        self._made = view.to_dict()
        self.text = Ready(json.dumps(self._made))

    def to_dict(self, *_arguments: Any) -> dict[str, Any]:
        return self._made


class NamedView(StillView):
    """The same view with a name of its own, by which this one window is found again."""

    def __init__(self, view: StillView, name: str) -> None:
        self.__dict__.update(view.__dict__)
        self.external_id = name
        self._made = {**view._made, "external_id": name}
        self.text = Ready(f'{{"external_id": {json.dumps(name)}, {view.text[1:]}')


def argument_of(view: View) -> Any:
    """The view for the Web API: as JSON text where that is ready, else as it is."""
    return view.text if isinstance(view, StillView) else view


def _status(seen: tuple[Integration, Observed, bool]) -> str:
    integration, observed, may_go_on = seen
    situation = Situation(integration, observed, integration.created.at)
    return as_json(status_message(situation, may_go_on=may_go_on))


def as_json(message: Rendered) -> str:
    blocks = [block.to_dict() for block in message.blocks]
    return json.dumps({"response_type": "ephemeral", "text": message.text, "blocks": blocks})
