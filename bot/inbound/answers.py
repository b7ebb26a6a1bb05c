"""Draws the results of use cases.

What people open again and again while nothing happens is drawn once. A drawing is kept only while
everything that it reads is unchanged, so it is never stale.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck
from slack_sdk.models.views import View

from bot.inbound.forms import Form, fresh_nonce
from bot.inbound.in_order import InOrder
from bot.outbound.clients import Ready
from bot.views.kit.message import Rendered
from bot.views.kit.standing import asked_day
from bot.views.kit.wording import error_text
from bot.views.people.dialogs import disconnected_view, progress_view, upgraded_view
from bot.views.people.managing import refused_view
from bot.views.people.said import ended_view, said_view
from bot.views.people.status import status_message
from bot.views.setup.entry import TYPED_HERE, Entry, link_view
from bot.views.setup.screen import step_view
from flows.checks.coverage import wants_figures
from flows.errors import FieldError
from flows.kept import Newest
from flows.model import Integration, Observed, Screen, Situation
from flows.replay.steps import reports
from flows.replay.undoing import UNDO, undoable
from flows.setup.permissions import Onlooker, onlooker
from flows.setup.results import (
    AskDay,
    Done,
    Ended,
    Finished,
    Mistakes,
    NotYours,
    Result,
    ShowLink,
    ShowProgress,
    ShowStep,
)

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
_FILLED = frozenset({Screen.REPLAY, Screen.REPLAY_PREVIEW})  # with Segment's figures

Follow = Callable[[ShowStep, Callable[[ShowStep], View]], ShowStep]


def _as_it_is(shown: ShowStep, _draw: Callable[[ShowStep], View]) -> ShowStep:
    """Where nothing is filled in later."""
    return shown


class Answers:
    """Draws results. `entry` says where secrets are typed, and who gets them.

    `follow` fills in the form and the preview of a Replay once Segment has answered.
    """

    def __init__(
        self,
        poll_interval: timedelta,
        follow: Follow = _as_it_is,
        entry: Entry = TYPED_HERE,
    ) -> None:
        self._follow = follow
        self._entry = entry
        self._step_view = partial(step_view, entry=entry, poll_interval=poll_interval)
        self.at_rest = AtRest(self._step_view)
        self.in_order = InOrder()

    def view(self, result: Result, nonce: str = "") -> View:
        match result:
            case ShowStep(screen, situation) if screen in _FILLED and wants_figures(situation):
                return self._step_view(self._follow(result, self._step_view), nonce=nonce)
            case ShowStep(screen=screen):
                unnamed = screen is Screen.LIVE_SYNC and not result.window
                shown = self._follow(result, self._step_view) if unnamed else result
                kept = None if nonce else self.at_rest.view(shown)
                return kept or self._step_view(shown, nonce=nonce)
            case ShowProgress():
                return progress_view(result)
            case ShowLink():
                return link_view(result, self._entry)
            case AskDay():
                return upgraded_view(result.situation)
            case Finished():
                return disconnected_view(result.left)
            case Ended():
                return ended_view(result.situation)
            case NotYours(situation, screen):
                return refused_view(situation, onlooker(situation, screen))
            case Done():
                return said_view(result)
            case Mistakes():
                raise ValueError("mistakes stand beside their fields")

    async def submission(
        self, ack: AsyncAck, view: Mapping[str, Any], result: Result, screen: Screen | None = None
    ) -> None:
        """Shows errors beside their fields if the screen stays the same, else the next view."""
        self.in_order.takes(view["id"])
        errors: tuple[FieldError, ...] = ()
        if isinstance(result, Mistakes) or (
            isinstance(result, ShowStep) and result.screen is screen
        ):
            errors = result.errors
        offers = any("held" in error.params for error in errors)  # a button: it needs a new screen
        if errors and not offers and (beside := beside_fields(view, errors)):
            await ack(response_action="errors", errors=beside)
            return
        await self.replace(ack, view, self.view(result, fresh_nonce(view)))

    async def replace(self, ack: AsyncAck, view: Mapping[str, Any], by: View) -> None:
        """Shows this in place of a submitted modal, which Slack holds until then."""
        self.in_order.takes(view["id"])
        await ack(response_action="update", view=by)


def beside_fields(view: Mapping[str, Any], errors: tuple[FieldError, ...]) -> dict[str, str] | None:
    """Returns texts by block id, or None if an error's field has no input in this view."""
    form = Form(view)
    found: dict[str, str] = {}
    for error in errors:
        block_id = form.block_of(error.field)
        if block_id is None:
            return None
        found.setdefault(block_id, error_text(error))
    return found


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

    def status(self, situation: Situation | None, onlooker: Onlooker | None = None) -> str:
        """The answer to `/segment status`, as JSON, for somebody who may go on or an onlooker."""
        if situation is None:
            return as_json(status_message(None))
        integration = situation.integration
        if integration.replay_scheduled and asked_day(situation):
            return as_json(status_message(situation, onlooker))
        return self._statuses.of(
            (integration.id, onlooker), (integration, situation.observed, onlooker)
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
    """A view with a name of its own, by which this one window is found again."""

    def __init__(self, view: StillView, name: str) -> None:
        self.__dict__.update(view.__dict__)
        self.external_id = name
        self._made = {**view._made, "external_id": name}
        self.text = Ready(f'{{"external_id": {json.dumps(name)}, {view.text[1:]}')


def argument_of(view: View) -> Any:
    """The view for the Web API: as JSON text where that is ready, else as it is."""
    return view.text if isinstance(view, StillView) else view


def _status(seen: tuple[Integration, Observed, Onlooker | None]) -> str:
    integration, observed, onlooker = seen
    situation = Situation(integration, observed, integration.created.at)
    return as_json(status_message(situation, onlooker))


def as_json(message: Rendered) -> str:
    blocks = [block.to_dict() for block in message.blocks]
    return json.dumps({"response_type": "ephemeral", "text": message.text, "blocks": blocks})
