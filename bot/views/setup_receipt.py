"""The end: what is connected, by whom, what is stored, how to undo it, and one choice."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement
from slack_sdk.models.views import View

from bot.ids import Action, Callback
from bot.strings import names
from bot.strings import receipt as strings
from bot.views.kit import actions, button, context, section
from bot.views.next_step import step_lines
from bot.views.setup_common import NOTHING, Told, foot, more_line, screen_view
from bot.views.text import code, lines, name, stamp
from flows.model import Credentials, Integration, Outcome, Screen, Situation, TokenKind

SOURCES_SHOWN = 20


def receipt_view(situation: Situation, *, said: Told = NOTHING) -> View:
    """Everything about a finished set-up on one screen."""
    integration = situation.integration
    blocks: list[Block] = [
        section(strings.HEADLINE[integration.outcome or Outcome.WITH_HISTORY]),
        *_reported(integration),
        section(_connected_words(integration)),
        *more_line(len(integration.sources) - SOURCES_SHOWN),
        section(lines((strings.WHO, *step_lines(situation)))),
        section("\n".join((strings.STORED, _token_words(integration), strings.STORED_FACTS))),
        section(strings.UNDO),
        *_choice(integration),
        foot(Screen.RECEIPT, delegate=False, more=_changes(integration)),
    ]
    return screen_view(Callback.RECEIPT, situation, said, blocks, title=strings.TITLE)


def _reported(integration: Integration) -> list[Block]:
    finished = integration.replay_finished
    return [context(strings.HISTORY_REPORTED.format(who=stamp(finished)))] if finished else []


def _connected_words(integration: Integration) -> str:
    return lines(
        (
            strings.CONNECTED,
            *_workspace_words(integration.credentials),
            *_plan_words(integration),
            *(
                strings.SOURCE.format(source=name(source.label), id=code(source.id))
                for source in integration.sources[:SOURCES_SHOWN]
            ),
        )
    )


def _workspace_words(credentials: Credentials | None) -> list[str]:
    if credentials is None:
        return []
    workspace = credentials.workspace
    words = [
        strings.WORKSPACE.format(workspace=name(workspace.label), slug=code(workspace.slug)),
    ]
    if workspace.id:
        region = names.REGION[credentials.region]
        words.append(strings.WORKSPACE_ID.format(id=code(workspace.id), region=region))
    return words


def _plan_words(integration: Integration) -> list[str]:
    plan = integration.plan
    return [strings.PLAN.format(plan=names.PLAN[plan])] if plan else []


def _token_words(integration: Integration) -> str:
    credentials = integration.credentials
    if credentials is None or credentials.kind is TokenKind.NONE:
        return strings.STORED_NO_TOKEN
    if integration.token_forgotten:
        return strings.STORED_FORGOTTEN.format(who=stamp(integration.token_forgotten))
    return strings.STORED_TOKEN.format(who=stamp(credentials.entered))


def _holds_token(integration: Integration) -> bool:
    credentials = integration.credentials
    has_one = credentials is not None and credentials.kind is not TokenKind.NONE
    return has_one and integration.token_forgotten is None


def _choice(integration: Integration) -> list[Block]:
    if not _holds_token(integration):
        return []
    forget = button(strings.FORGET, Action.FORGET_TOKEN)
    if integration.keeps_watching:
        who = stamp(integration.keeps_watching)
        return [section(strings.WATCHING.format(who=who)), actions(forget)]
    keep = button(strings.KEEP, Action.KEEP_WATCHING, style="primary")
    return [section(strings.CHOICE), actions(keep, forget)]


def _changes(integration: Integration) -> Sequence[ButtonElement]:
    changes = [button(strings.REPLACE_TOKEN, Action.GO_TO, Screen.CREDENTIALS)]
    if integration.sources:
        changes.append(button(strings.CHANGE_SOURCES, Action.GO_TO, Screen.SOURCES))
    if integration.outcome is Outcome.LIVE_ONLY:
        changes.append(button(strings.REOPEN, Action.REOPEN))
    return changes
