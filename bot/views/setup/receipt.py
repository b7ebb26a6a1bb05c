"""The last screen: what is connected, by whom, what is stored, how to undo it, and one choice."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement
from slack_sdk.models.views import View

from bot.ids import Action, Callback
from bot.strings import names
from bot.strings import receipt as strings
from bot.views.kit.blocks import actions, button, section
from bot.views.kit.next_step import step_lines
from bot.views.kit.text import code, lines, name, stamp
from bot.views.replay.ends import end_blocks
from bot.views.replay.message import undo_buttons, undo_words
from bot.views.setup.common import SOURCES_SHOWN, foot, more_line, screen_view
from bot.views.setup.entry import Entry
from bot.views.setup.write_back import stored_words, write_back_row
from flows.model import Credentials, Integration, Outcome, Screen, Situation
from flows.setup.blockers import delivering_sources, is_watched
from flows.setup.results import ShowStep
from flows.toplyne.model import DeliveryKind
from flows.toplyne.triggers import held_secret


def receipt_view(result: ShowStep, entry: Entry) -> View:
    """Everything about a finished set-up on one screen."""
    situation = result.situation
    integration, undo = situation.integration, undo_buttons(situation)
    blocks: list[Block] = [
        section(strings.HEADLINE[integration.outcome or Outcome.WITH_HISTORY]),
        *undo_words(situation),
        *([actions(*undo)] if undo else []),
        *end_blocks(situation, Action.GO_TO),
        section(_workspace_words(integration), accessory=_change_token(integration)),
        *_source_blocks(situation),
        *more_line(len(integration.sources) - SOURCES_SHOWN),
        *write_back_row(integration, Action.GO_TO, entry),
        section(lines((strings.WHO, *step_lines(situation)))),
        section(lines((strings.STORED, *_stored(integration)))),
        section(_undo_words(integration)),
        *_choice(integration),
        foot(Screen.RECEIPT, delegate=False, more=_reopening(integration)),
    ]
    submit = strings.KEEP if _undecided(integration) else ""
    return screen_view(Callback.RECEIPT, result, blocks, submit=submit, title=strings.TITLE)


def _workspace_words(integration: Integration) -> str:
    words = [strings.CONNECTED]
    credentials = integration.credentials
    if credentials:
        words += _identity(credentials)
    if integration.plan:
        words.append(strings.PLAN.format(plan=names.PLAN[integration.plan]))
    return "\n".join(words)


def _identity(credentials: Credentials) -> list[str]:
    workspace = credentials.workspace
    named = strings.WORKSPACE.format(workspace=name(workspace.label), slug=code(workspace.slug))
    if not workspace.id:
        return [named]
    region = names.REGION[credentials.region]
    return [named, strings.WORKSPACE_ID.format(id=code(workspace.id), region=region)]


def _source_blocks(situation: Situation) -> list[Block]:
    sources = situation.integration.sources[:SOURCES_SHOWN]
    if not sources:
        return []
    delivering = delivering_sources(situation)
    is_over = situation.integration.token_forgotten
    silent = strings.SOURCE_UNWATCHED if is_over else strings.SOURCE_SILENT
    words = (
        (strings.SOURCE if source in delivering else silent).format(
            source=name(source.label), id=code(source.id)
        )
        for source in sources
    )
    change = button(strings.CHANGE_SOURCES, Action.GO_TO, Screen.SOURCES)
    return [section(lines(words), accessory=change)]


def _change_token(integration: Integration) -> ButtonElement:
    label = strings.REPLACE_TOKEN if integration.token_entered else strings.ENTER_TOKEN
    return button(label, Action.GO_TO, Screen.CREDENTIALS)


def _stored(integration: Integration) -> list[str]:
    given = [strings.GIVEN] if held_secret(DeliveryKind.CREDENTIALS, integration) else []
    facts = strings.STORED_FACTS if integration.sources else strings.STORED_FACTS_FREE
    return [_token_words(integration), *given, *stored_words(integration), facts]


def _token_words(integration: Integration) -> str:
    credentials = integration.credentials
    if credentials is None or not credentials.has_token:
        return strings.STORED_NO_TOKEN
    if integration.token_forgotten:
        return strings.STORED_FORGOTTEN.format(who=stamp(integration.token_forgotten))
    return strings.STORED_TOKEN.format(who=stamp(credentials.entered))


def _undo_words(integration: Integration) -> str:
    """Who made no token has none to delete, and here it may be deleted already."""
    credentials = integration.credentials
    made = credentials is not None and credentials.has_token
    return strings.UNDO.format(
        stored=strings.UNDO_TOKEN if integration.token_entered else strings.UNDO_NO_TOKEN,
        made=strings.UNDO_MADE if made else "",
    )


def _choice(integration: Integration) -> list[Block]:
    if integration.token_entered is None:
        return []
    forget = button(strings.FORGET, Action.FORGET_TOKEN)
    if not is_watched(integration):
        return [section(strings.NOT_WATCHED), actions(forget)]
    if integration.keeps_watching:
        who = stamp(integration.keeps_watching)
        return [section(strings.WATCHING.format(who=who)), actions(forget)]
    return [section(strings.CHOICE), actions(forget)]


def _undecided(integration: Integration) -> bool:
    """Whether the token is still to be kept for watching, or deleted."""
    has_choice = integration.token_entered is not None and is_watched(integration)
    return has_choice and integration.keeps_watching is None


def _reopening(integration: Integration) -> Sequence[ButtonElement]:
    if integration.outcome is not Outcome.LIVE_ONLY:
        return []
    return [button(strings.REOPEN, Action.REOPEN)]
