"""The first screen: what the set-up needs, and the customer's Segment plan."""

from slack_sdk.models.blocks import Block, SectionBlock
from slack_sdk.models.views import View

from bot.ids import Action, Callback
from bot.strings import names
from bot.strings import setup as strings
from bot.views.kit.blocks import button, confirm, context, section
from bot.views.kit.links import Page
from bot.views.kit.wording import opener
from bot.views.setup.common import foot, free_deletes, screen_view
from flows.model import Integration, Screen
from flows.setup.results import ShowStep
from flows.setup.steps import asks_for_day, drops_credentials
from flows.vocabulary import Plan


def plan_view(result: ShowStep) -> View:
    """One press answers the only question: each plan has its button beside what it unlocks."""
    integration = result.situation.integration
    blocks: list[Block] = [
        section(strings.INTRODUCTION),
        section(strings.NEEDED),
        section(strings.PLAN_QUESTION),
        *(_plan_row(plan, integration) for plan in reversed(Plan)),
        context(strings.PLAN_HINT),
        foot(Screen.PLAN, more=[opener(Page.USAGE, integration)]),
    ]
    return screen_view(Callback.PLAN, result, blocks)


def _plan_row(plan: Plan, integration: Integration) -> SectionBlock:
    """Asks first where the choice deletes what was entered for Free. The question for the day of an
    upgrade says so itself.
    """
    words = strings.PLAN_CHOSEN if plan is integration.plan else strings.PLAN_ROW
    name, question = names.PLAN[plan], None
    if drops_credentials(integration, plan) and not asks_for_day(integration, plan):
        question = confirm(
            strings.PLAN_TITLE.format(plan=name),
            free_deletes(strings.PLAN_DELETES, integration),
            yes=strings.PLAN_YES.format(plan=name),
            no=strings.PLAN_NO,
        )
    text = words.format(plan=name, unlocks=strings.PLAN_UNLOCKS[plan])
    return section(text, accessory=button(name, Action.PICK_PLAN, plan, confirm=question))
