"""Picks the modal that shows a result of the use cases, with one function per screen."""

from collections.abc import Callable
from datetime import timedelta

from slack_sdk.models.views import View

from bot.views.replay.events import replay_events_view
from bot.views.replay.form import replay_view
from bot.views.replay.status import replay_preview_view, replay_status_view
from bot.views.setup.credentials import credentials_view
from bot.views.setup.entry import TYPED_HERE, Entry
from bot.views.setup.live_sync import live_sync_view
from bot.views.setup.plan import plan_view
from bot.views.setup.receipt import receipt_view
from bot.views.setup.sources import sources_view
from bot.views.setup.upgrade import upgrade_view
from bot.views.setup.write_back import write_back_view
from flows.model import Screen
from flows.setup.results import ShowStep


def step_view(
    result: ShowStep,
    *,
    nonce: str = "",
    entry: Entry = TYPED_HERE,
    poll_interval: timedelta = timedelta(minutes=15),
) -> View:
    """The modal for a step.

    `nonce` empties a secret's input when this view replaces one that was typed into. `entry` says
    where secrets are typed, and who gets them.
    `poll_interval` is the time between polls of live sync while something is outstanding.
    """
    match result.screen:
        case Screen.PLAN:
            return plan_view(result)
        case Screen.CREDENTIALS:
            return credentials_view(result, nonce=nonce, entry=entry)
        case Screen.WRITE_BACK:
            return write_back_view(result, nonce=nonce, entry=entry)
        case Screen.SOURCES:
            return sources_view(result, nonce)
        case Screen.LIVE_SYNC:
            return live_sync_view(result, poll_interval=poll_interval)
        case Screen.RECEIPT:
            return receipt_view(result, entry)
        case _:
            return _OTHERS[result.screen](result)


_OTHERS: dict[Screen, Callable[[ShowStep], View]] = {
    Screen.UPGRADE: upgrade_view,
    Screen.REPLAY: replay_view,
    Screen.REPLAY_EVENTS: replay_events_view,
    Screen.REPLAY_PREVIEW: replay_preview_view,
    Screen.REPLAY_STATUS: replay_status_view,
}
