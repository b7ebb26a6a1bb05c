"""History on a plan without Replay: upgrade, or finish with live data only."""

from slack_sdk.models.views import View

from bot.ids import Action, Callback
from bot.strings import names
from bot.strings import replay as strings
from bot.views.kit.blocks import button, section
from bot.views.setup.common import foot, screen_view
from flows.model import Screen
from flows.setup.results import ShowStep
from flows.vocabulary import Plan


def upgrade_view(result: ShowStep) -> View:
    """Says plainly that history needs the Business plan, and what can be done."""
    plan = names.PLAN[result.situation.integration.plan or Plan.FREE]
    finish = button(strings.LIVE_ONLY_BUTTON, Action.FINISH_LIVE_ONLY)
    blocks = [
        section(strings.UPGRADE.format(plan=plan)),
        section(strings.UPGRADE_CHOICES),
        foot(Screen.UPGRADE, back=Screen.LIVE_SYNC, more=[finish]),
    ]
    return screen_view(Callback.UPGRADE, result, blocks, submit=strings.UPGRADED_BUTTON)
