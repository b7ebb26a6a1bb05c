"""History on a plan that has no Replay: upgrade, or finish with live data only."""

from collections.abc import Sequence

from slack_sdk.models.blocks import DatePickerElement
from slack_sdk.models.views import View

from bot.ids import Action, Callback, input_action, input_block
from bot.strings import names
from bot.strings import replay as strings
from bot.strings import setup as common
from bot.views.kit import alert, button, context, field, make_metadata, modal, section
from bot.views.setup_common import foot, screen_view, told
from bot.views.wording import error_text
from flows.errors import Field, FieldError
from flows.model import Plan, Screen, Situation
from flows.results import ShowStep


def upgrade_view(result: ShowStep) -> View:
    """Says plainly that history needs Business, and what can be done."""
    plan = names.PLAN[result.situation.integration.plan or Plan.FREE]
    choices = [
        button(strings.UPGRADED_BUTTON, Action.UPGRADED, style="primary"),
        button(strings.LIVE_ONLY_BUTTON, Action.FINISH_LIVE_ONLY),
    ]
    blocks = [
        section(strings.UPGRADE.format(plan=plan)),
        section(strings.UPGRADE_CHOICES),
        foot(Screen.UPGRADE, back=Screen.LIVE_SYNC, more=choices),
    ]
    return screen_view(Callback.UPGRADE, result.situation, told(result), blocks)


def upgraded_view(situation: Situation, errors: Sequence[FieldError] = ()) -> View:
    """Asks when: the shorter retention of the old plan may have removed older history."""
    picker = DatePickerElement(
        action_id=input_action(Field.UPGRADED_ON),
        initial_date=situation.now.date().isoformat(),
    )
    blocks = [
        *(alert(error_text(error), "error") for error in errors),
        field(
            strings.UPGRADED_LABEL,
            picker,
            input_block(Field.UPGRADED_ON),
            hint=strings.UPGRADED_HINT,
        ),
        context(strings.UPGRADED_WHY),
    ]
    return modal(
        strings.UPGRADED_TITLE,
        Callback.UPGRADED,
        blocks,
        submit=common.CONTINUE,
        close=common.CLOSE,
        metadata=make_metadata(situation.integration),
    )
