"""From a result of the use cases to the modal that shows it: one function a screen."""

from slack_sdk.models.views import View

from bot.views.setup_common import told
from bot.views.setup_credentials import credentials_view
from bot.views.setup_live_sync import live_sync_view
from bot.views.setup_plan import plan_view
from bot.views.setup_sources import sources_view
from flows.model import Screen
from flows.results import ShowStep


def step_view(
    result: ShowStep,
    *,
    nonce: str = "",
    toplyne_gets_token: bool = False,
    poll_interval: str = "15 minutes",
) -> View:
    """The modal for a step.

    `nonce` empties the token's input where a view replaces one that was typed into;
    `poll_interval` is how often live sync is looked at, in words.
    """
    situation, said = result.situation, told(result)
    match result.screen:
        case Screen.PLAN:
            return plan_view(situation, said=said)
        case Screen.CREDENTIALS:
            return credentials_view(
                situation, said=said, nonce=nonce, toplyne_gets_token=toplyne_gets_token
            )
        case Screen.SOURCES:
            return sources_view(situation, said=said)
        case _:
            return live_sync_view(situation, said=said, poll_interval=poll_interval)
