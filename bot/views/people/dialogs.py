"""Small modals: progress, asking a colleague, asking for help, leaving, and their endings."""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    DatePickerElement,
    PlainTextInputElement,
    UserSelectElement,
)
from slack_sdk.models.views import View

from bot.ids import Callback, input_action, input_block
from bot.strings import dialogs as strings
from bot.strings import messages, names, replay
from bot.strings import setup as common
from bot.views.kit.blocks import (
    actions,
    alert,
    context,
    field,
    make_metadata,
    modal,
    plain,
    progress_line,
    section,
    to_copy,
)
from bot.views.kit.links import Page
from bot.views.kit.text import escape, name
from bot.views.kit.wording import error_text, opener
from bot.views.setup.common import free_deletes, workspace_name
from flows.checks.question import CheckKind, CheckStage
from flows.errors import Field, FieldError
from flows.model import Integration, Screen, Situation
from flows.setup.blockers import is_watched
from flows.setup.people_steps import MAX_NOTE
from flows.setup.replays import runs_at_segment
from flows.setup.results import ShowProgress
from flows.setup.steps import drops_credentials
from flows.toplyne.model import SECRETS, DeliveryKind
from flows.toplyne.triggers import held_secret
from flows.vocabulary import Plan


def progress_view(result: ShowProgress) -> View:
    """Says what is being checked. Its `external_id` is the check's id, used to update it."""
    integration = result.situation.integration
    waiting = [alert(strings.RETRYING, "info")] if result.retrying else []
    blocks = [
        context(progress_line(result.situation)),
        *waiting,
        section("\n".join(_progress_lines(result))),
        context(strings.PROGRESS_CLOSE),
    ]
    return modal(
        strings.PROGRESS_TITLE,
        Callback.PROGRESS,
        blocks,
        metadata=make_metadata(integration),
        external_id=result.check_id,
        notify_on_close=True,
    )


ASKED_ABOUT = "about:"
MOST_OF_SLUG = 200
_STAGES = {
    CheckKind.TOKEN: (CheckStage.TOKEN, CheckStage.WORKSPACE, CheckStage.LISTING),
    CheckKind.SOURCES: (CheckStage.CHOICE, CheckStage.DELIVERY),
    CheckKind.LIVE_SYNC: (CheckStage.LISTING, CheckStage.DELIVERY),
    CheckKind.WRITE_KEY: (CheckStage.WRITE_KEY,),
}
_DETAIL_SHOWN = 200


def _stages(result: ShowProgress) -> tuple[CheckStage, ...]:
    """The stages of the check. On Free it lists no sources."""
    free = result.situation.integration.plan is Plan.FREE
    return tuple(s for s in _STAGES[result.kind] if not (free and s is CheckStage.LISTING))


def _progress_lines(result: ShowProgress) -> list[str]:
    """One line per stage: done, running now, or to come."""
    known = {found.stage: found.detail for found in result.found}
    lines: list[str] = []
    waiting = strings.PROGRESS_NOW
    for stage in _stages(result):
        if stage in known:
            what = strings.PROGRESS_FOUND[stage].format(detail=name(known[stage], _DETAIL_SHOWN))
            lines.append(strings.PROGRESS_DONE.format(what=what))
        else:
            lines.append(waiting.format(what=strings.PROGRESS_DOING[stage]))
            waiting = strings.PROGRESS_THEN
    return lines


def upgraded_view(situation: Situation, errors: Sequence[FieldError] = ()) -> View:
    """Asks for the day of the upgrade: the old plan's shorter retention may have cost history."""
    picker = DatePickerElement(
        action_id=input_action(Field.UPGRADED_ON),
        initial_date=situation.today.isoformat(),
    )
    deletes = drops_credentials(situation.integration, Plan.BUSINESS)
    blocks = [
        *(alert(error_text(error), "error") for error in errors),
        field(
            replay.UPGRADED_LABEL,
            picker,
            input_block(Field.UPGRADED_ON),
            hint=replay.UPGRADED_HINT,
        ),
        *(
            [section(free_deletes(replay.UPGRADED_DELETES, situation.integration))]
            if deletes
            else []
        ),
        context(replay.UPGRADED_WHY),
    ]
    return modal(
        replay.UPGRADED_TITLE,
        Callback.UPGRADED,
        blocks,
        submit=common.CONTINUE,
        close=strings.CANCEL,
        metadata=make_metadata(situation.integration),
    )


def delegate_view(situation: Situation, screen: Screen) -> View:
    """Asks who should do a screen, with a note. The first `block_id` holds the screen."""
    people = UserSelectElement(
        action_id=input_action(Field.COLLEAGUE), placeholder=plain(strings.DELEGATE_PLACEHOLDER)
    )
    return modal(
        strings.DELEGATE_TITLE,
        Callback.DELEGATE,
        [
            section(strings.DELEGATE.format(screen=names.SCREEN[screen])),
            field(strings.DELEGATE_LABEL, people, input_block(Field.COLLEAGUE, screen)),
            field(
                strings.DELEGATE_NOTE_LABEL,
                _note(),
                input_block(Field.NOTE),
                hint=strings.DELEGATE_NOTE_HINT,
                optional=True,
            ),
        ],
        submit=strings.DELEGATE_SUBMIT,
        close=strings.CANCEL,
        metadata=make_metadata(situation.integration),
    )


def help_view(situation: Situation, screen: Screen) -> View:
    """Asks for an optional note. The input's `block_id` holds the screen."""
    return modal(
        strings.HELP_TITLE,
        Callback.HELP,
        [
            section(strings.HELP.format(screen=names.SCREEN[screen])),
            field(
                strings.HELP_LABEL,
                _note(),
                input_block(Field.NOTE, screen),
                hint=strings.HELP_HINT,
                optional=True,
            ),
        ],
        submit=strings.HELP_SUBMIT,
        close=strings.CANCEL,
        metadata=make_metadata(situation.integration),
    )


def _note() -> PlainTextInputElement:
    return PlainTextInputElement(
        action_id=input_action(Field.NOTE), multiline=True, max_length=MAX_NOTE
    )


def screen_of(view: Mapping[str, Any], of: Field) -> Screen:
    """Reads the screen in the `block_id` of a submitted delegate or help input.

    Raises `ValueError` if there is none.
    """
    start = input_block(of) + ":"
    found = (str(block.get("block_id", "")) for block in view["blocks"])
    return Screen(next((id_[len(start) :] for id_ in found if id_.startswith(start)), ""))


def disconnect_view(situation: Situation) -> View:
    """Asks for confirmation, and says what is deleted here and what stays in Segment.

    A `block_id` holds the workspace that the question names.
    """
    workspace = workspace_name(situation.integration) or strings.NO_WORKSPACE
    return modal(
        strings.DISCONNECT_TITLE,
        Callback.DISCONNECT,
        [
            section(
                strings.DISCONNECT.format(workspace=workspace),
                block_id=f"{ASKED_ABOUT}{situation.integration.workspace_slug[:MOST_OF_SLUG]}",
            ),
            *_taken_back(situation, *SECRETS),
            _remains(situation.integration),
        ],
        submit=strings.DISCONNECT_SUBMIT,
        close=strings.CANCEL,
        metadata=make_metadata(situation.integration),
    )


def _remains(integration: Integration) -> Block:
    """What no disconnect here stops: a Replay that Segment has is of it."""
    if not runs_at_segment(integration):
        return section(strings.DISCONNECT_REMAINS)
    said, words = integration.replay_scheduled, messages.REPLAY_SCHEDULED_TICKET
    ticket = words.format(ticket=escape(said.ticket)) if said and said.ticket else ""
    runs = strings.DISCONNECT_RUNS.format(ticket=ticket)
    return section(f"{strings.DISCONNECT_REMAINS}\n{runs}")


def asked_about(view: Mapping[str, Any]) -> str | None:
    """The slug of the workspace that a submitted question named. None: earlier versions'."""
    ids = (str(block.get("block_id", "")) for block in view.get("blocks", ()))
    found = (each[len(ASKED_ABOUT) :] for each in ids if each.startswith(ASKED_ABOUT))
    return next(found, None)


def forget_token_view(situation: Situation) -> View:
    """Asks for confirmation before the token alone is deleted."""
    watched = is_watched(situation.integration)
    words = strings.FORGET if watched else strings.FORGET_UNWATCHED
    return modal(
        strings.FORGET_TITLE,
        Callback.FORGET_TOKEN,
        [section(words), *_taken_back(situation, DeliveryKind.CREDENTIALS)],
        submit=strings.FORGET_SUBMIT,
        close=strings.CANCEL,
        metadata=make_metadata(situation.integration),
    )


def _taken_back(situation: Situation, *kinds: DeliveryKind) -> list[Block]:
    given = any(held_secret(kind, situation.integration) for kind in kinds)
    return [section(strings.TAKEN_BACK)] if given else []


# --- endings ------------------------------------------------------------------------------------


def done_view(title: str = strings.DONE_TITLE, text: str = strings.DONE) -> View:
    """One paragraph of mrkdwn with nothing left to do."""
    return modal(title, Callback.DONE, [section(text)])


def disconnected_view(left: Integration) -> View:
    """What remains to be done in Segment after disconnecting. `left`: the set-up as it was."""
    tokens = opener(Page.TOKENS, left)
    return modal(
        strings.DISCONNECTED_TITLE,
        Callback.DONE,
        [
            section(strings.DISCONNECTED),
            _remains(left),
            actions(tokens),
        ],
    )


def decided_view(why: str = "", typed: str = "", about: Sequence[Block] = ()) -> View:
    """A CSM's submission came too late. `why` says what happened meanwhile; `typed` is to copy.

    `about` says which customer it is about.
    """
    said = section(f"{strings.DECIDED} {why}".rstrip())
    return modal(strings.DECIDED_TITLE, Callback.DONE, [*about, said, *to_copy(typed)])
