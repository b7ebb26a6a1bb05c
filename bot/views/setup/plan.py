"""The first screen: what the set-up needs, and the customer's Segment plan."""

from slack_sdk.models.blocks import Block, ButtonElement, InputBlock, RadioButtonsElement
from slack_sdk.models.views import View

from bot.ids import REGION_INPUT, Callback, input_action, input_block
from bot.strings import names
from bot.strings import setup as strings
from bot.views.kit.blocks import field, link_button, option, section
from bot.views.kit.links import Page, segment_url
from bot.views.setup.common import NOTHING, Told, foot, screen_view
from flows.errors import Field
from flows.model import Integration, Screen, Situation
from flows.vocabulary import Plan, Region

REGION_BLOCK = "field_region"


def plan_view(situation: Situation, *, said: Told = NOTHING, picked: Plan | None = None) -> View:
    """`picked` is the plan selected in the modal, not yet submitted."""
    integration = situation.integration
    plan = picked or integration.plan
    blocks: list[Block] = [
        section(strings.INTRODUCTION),
        section(strings.NEEDED),
        _plan_input(plan),
    ]
    if plan is Plan.BUSINESS:
        blocks.append(_region_input(integration.region))
    blocks.append(foot(Screen.PLAN, more=[_plan_link(integration)]))
    return screen_view(Callback.PLAN, situation, said, blocks, submit=strings.CONTINUE)


def _plan_input(plan: Plan | None) -> InputBlock:
    options = {each: option(names.PLAN[each], each, strings.PLAN_UNLOCKS[each]) for each in Plan}
    radio = RadioButtonsElement(
        action_id=input_action(Field.PLAN),
        options=list(options.values()),
        initial_option=options[plan] if plan else None,
    )
    return field(
        strings.PLAN_LABEL,
        radio,
        input_block(Field.PLAN),
        hint=strings.PLAN_HINT,
        dispatch=True,
    )


def _region_input(region: Region) -> InputBlock:
    options = {each: option(strings.REGION_WORDS[each], each) for each in Region}
    radio = RadioButtonsElement(
        action_id=REGION_INPUT, options=list(options.values()), initial_option=options[region]
    )
    return field(strings.REGION_LABEL, radio, REGION_BLOCK, hint=strings.REGION_HINT)


def _plan_link(integration: Integration) -> ButtonElement:
    return link_button(strings.PLAN_LINK, segment_url(Page.USAGE, integration), value=Page.USAGE)
