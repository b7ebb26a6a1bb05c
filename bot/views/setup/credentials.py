"""The second screen: an access token, or for Free the workspace's slug and an optional token."""

from slack_sdk.models.blocks import Block, ContextBlock, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from bot.ids import TOLD_TOPLYNE, Action, Callback, input_action, input_block
from bot.strings import setup as strings
from bot.strings.blockers import BLOCKERS
from bot.strings.entry import ONLY_PAGE_FREE
from bot.strings.receipt import FORGET
from bot.views.kit.blocks import actions, alert, button, context, field, plain, section
from bot.views.kit.links import Page
from bot.views.setup.check_message import other_button, other_words
from bot.views.setup.common import (
    connected_blocks,
    foot,
    screen_view,
    steps_section,
)
from bot.views.setup.entry import TYPED_HERE, Entry, entered, with_entry
from flows.csm.facts import Rejectable
from flows.errors import Field
from flows.model import Integration, Screen, Situation, Verification
from flows.setup.blockers import Blocker, has_unchecked_token, keeps_credentials, lost_token
from flows.setup.replays import rejection_of
from flows.setup.results import Notice, ShowStep
from flows.vocabulary import Plan


def credentials_view(
    result: ShowStep,
    *,
    nonce: str = "",
    entry: Entry = TYPED_HERE,
) -> View:
    """`nonce` empties the token's input. A token is never drawn back into a modal."""
    if result.situation.integration.plan is Plan.FREE:
        return _free_view(result, nonce, entry)
    return _token_view(result, nonce, entry)


def token_sentence(entry: Entry) -> str:
    """In two sentences: what the token allows and what we do with it; who gets it, how it ends."""
    end = strings.TOKEN_TOPLYNE if entry.takes_secrets else strings.TOKEN_NOBODY
    return f"{strings.TOKEN_RIGHTS} {end}"


def token_line(entry: Entry) -> ContextBlock:
    """The sentence about the token. Its `block_id` tells us later whether it named Toplyne."""
    block_id = TOLD_TOPLYNE if entry.takes_secrets else None
    return context(token_sentence(entry), block_id=block_id)


def _token_view(result: ShowStep, nonce: str, entry: Entry) -> View:
    integration = result.situation.integration
    keeps = _keeps(result.situation, result.notice)
    text = BLOCKERS[Blocker.CREDENTIALS_MISSING]
    title = strings.TOKEN_HOW_AGAIN if keeps else strings.TOKEN_HOW
    blocks: list[Block] = [
        *_other(result),
        *_rejection(integration),
        *_known(result.situation, keeps),
        steps_section(title, text.steps, text.page, integration),
        *map(context, filter(None, [eu_words(integration)])),
        *entered(Screen.CREDENTIALS, _token_input(nonce, optional=keeps), entry, beside=keeps),
        token_line(entry),
        foot(Screen.CREDENTIALS, back=Screen.PLAN),
    ]
    return with_entry(Callback.CREDENTIALS, result, blocks, entry, keeps=keeps)


def eu_words(integration: Integration) -> str:
    """Where the EU’s app is, until the region is known. Only Business has the EU."""
    asks = integration.plan is Plan.BUSINESS and integration.credentials is None
    return strings.TOKEN_EU if asks else ""


def _keeps(situation: Situation, notice: Notice | None) -> bool:
    """Whether the current token can stay, and was verified."""
    known = situation.integration.credentials
    is_verified = known is not None and known.verification is Verification.VERIFIED
    can_stay = keeps_credentials(situation)
    return is_verified and can_stay and notice is not Notice.TOKEN_REFUSED


def _known(situation: Situation, keeps: bool) -> list[Block]:
    integration = situation.integration
    if lost_token(situation):
        connected = connected_blocks(integration, strings.SET_UP_FOR)
        return [*connected, section(strings.TOKEN_LOST), *_unneeded(integration)]
    connected = connected_blocks(integration)
    said = strings.KEEP_TOKEN if keeps else strings.TOKEN_GONE
    return [*connected, section(said)] if connected else []


def _unneeded(integration: Integration) -> list[Block]:
    """After the end a token may be gone on purpose. Nothing is watched then, and nobody asked."""
    if integration.outcome is None:
        return []
    return [section(strings.TOKEN_UNNEEDED, accessory=button(FORGET, Action.FORGET_TOKEN))]


def _other(result: ShowStep) -> list[Block]:
    """For whoever means the other workspace: what is lost, and the one press that confirms it."""
    return [
        block
        for error in result.errors
        if other_button(error)
        for block in (
            section(other_words(error, result.situation.integration)),
            actions(*other_button(error)),
        )
    ]


def _rejection(integration: Integration) -> list[Block]:
    rejection = rejection_of(integration, Rejectable.CREDENTIALS)
    if rejection is None:
        return []
    return [alert(strings.REJECTED.format(reason=rejection.reason), "error")]


def _token_input(nonce: str, *, optional: bool) -> InputBlock:
    label = strings.TOKEN_LABEL_AGAIN if optional else strings.TOKEN_LABEL
    return field(label, _token_element(), input_block(Field.TOKEN, nonce), optional=optional)


def _token_element() -> PlainTextInputElement:
    return PlainTextInputElement(
        action_id=input_action(Field.TOKEN), placeholder=plain(strings.TOKEN_PLACEHOLDER)
    )


def _free_view(result: ShowStep, nonce: str, entry: Entry) -> View:
    integration = result.situation.integration
    verified = _keeps(result.situation, result.notice)
    keeps = verified or has_unchecked_token(integration)
    typed_here = field(
        strings.TOKEN_LABEL_AGAIN if keeps else strings.FREE_TOKEN_LABEL,
        _token_element(),
        input_block(Field.TOKEN, nonce),
        hint="" if keeps else strings.FREE_TOKEN_HINT,
        optional=True,
    )
    token = BLOCKERS[Blocker.CREDENTIALS_MISSING]
    which = strings.FREE_HOW_AGAIN if verified else strings.FREE_HOW
    how = strings.FREE_TOKEN_HOW_AGAIN if keeps else strings.FREE_TOKEN_HOW
    no_token = button(strings.NO_TOKEN, Action.NO_TOKEN, Screen.CREDENTIALS)
    blocks: list[Block] = [
        *_other(result),
        *_rejection(integration),
        *connected_blocks(integration),
        *([section(strings.FREE_KEEP)] if verified else []),
        steps_section(which, strings.FREE_STEPS, Page.SLUG, integration),
        _slug_input(result.typed.slug or integration.workspace_slug),
        steps_section(how, token.steps, token.page, integration),
        *entered(Screen.CREDENTIALS, typed_here, entry, unless=ONLY_PAGE_FREE, beside=True),
        token_line(entry),
        foot(Screen.CREDENTIALS, back=Screen.PLAN, more=[] if verified else [no_token]),
    ]
    return screen_view(Callback.CREDENTIALS, result, blocks, submit=strings.CONTINUE)


def _slug_input(slug: str) -> InputBlock:
    element = PlainTextInputElement(
        action_id=input_action(Field.SLUG),
        initial_value=slug or None,
        max_length=200,
    )
    return field(strings.SLUG_LABEL, element, input_block(Field.SLUG), hint=strings.SLUG_HINT)
