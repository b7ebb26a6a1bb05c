"""A customer's App Home: the state, the steps, one main button, what can be changed, history."""

from collections.abc import Sequence
from datetime import date

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.ids import Action
from bot.strings import board as board_strings
from bot.strings import home as strings
from bot.views.kit.blocks import (
    actions,
    button,
    context,
    divider,
    header,
    make_metadata,
    section,
    with_ids,
)
from bot.views.kit.name_list import name_list
from bot.views.kit.next_step import (
    asked_lines,
    header_instructs,
    header_words,
    main_button,
    next_words,
    question_lines,
    start_button,
    state_words,
    step_lines,
)
from bot.views.kit.text import lines, moment, name, stamp, user
from bot.views.kit.wording import blocked_text, unheard_lines
from bot.views.people.history_lines import home_line
from bot.views.people.managing import onlooker_rows, people_row, trail_row
from bot.views.people.reminders import reminders_row
from bot.views.setup.entry import TYPED_HERE, Entry
from bot.views.setup.write_back import write_back_row
from flows.history import StoredEvent
from flows.model import Credentials, Integration, Screen, Situation, WaitingOn
from flows.setup.blockers import Blocked, current_screen, first_blocker
from flows.setup.permissions import Onlooker
from flows.vocabulary import Plan

HISTORY_SHOWN = 8


def home_view(
    situation: Situation | None,
    events: Sequence[StoredEvent],
    next_reminder: date | None = None,
    *,
    onlooker: Onlooker | None = None,
    manages: bool = True,
    with_board: bool = False,
    entry: Entry = TYPED_HERE,
) -> View:
    """App Home. `events` are newest first, and the newest few are shown.

    An `onlooker` may only look, and can ask those who may do what comes next.
    Without `manages` there is nothing that they can change.

    `with_board`: the reader is also a CSM, so a button at the end opens the board.
    """
    board = _board() if with_board else []
    metadata = make_metadata(situation.integration, revised=False) if situation else None
    if situation is None or situation.integration.disconnected:
        blocks = with_ids([*_welcome(situation), *board])
        return View(type="home", blocks=blocks, private_metadata=metadata)
    blocks = [
        header(header_words(situation)),
        section(lines(step_lines(situation, _said_by_header(situation)))),
        *_next(situation, may_go_on=onlooker is None),
        *(onlooker_rows(onlooker) if onlooker else [actions(main_button(situation))]),
        *_asked(situation),
        divider(),
        *(_manage(situation, next_reminder, entry) if manages else [_help_row(situation)]),
        trail_row(),
        divider(),
        *_history(events),
        *board,
    ]
    return View(type="home", blocks=with_ids(blocks), private_metadata=metadata)


def _welcome(situation: Situation | None) -> list[Block]:
    if situation is None:
        start = start_button(strings.WELCOME_BUTTON)
        return [header(strings.WELCOME_HEADER), section(strings.WELCOME), actions(start)]
    left = [header(header_words(situation)), section(strings.LEFT)]
    return [*left, actions(main_button(situation))]


def gone_home() -> View:
    """In place of the set-up of a Slack workspace that the app has left."""
    return View(type="home", blocks=[header(strings.GONE_HEADER), section(strings.GONE)])


def _said_by_header(situation: Situation) -> Blocked | None:
    """What the header says already, in the words of a step, if no more is to say of it."""
    blocked = first_blocker(situation)
    if blocked is None or blocked.blocker.waiting_on is WaitingOn.CUSTOMER:
        return None
    return blocked if state_words(situation) == blocked_text(blocked).state else None


def _board() -> list[Block]:
    open_board = button(board_strings.OPEN_BOARD, Action.OPEN_BOARD)
    return [divider(), section(board_strings.OPEN_BOARD_ROW, accessory=open_board)]


def _next(situation: Situation, *, may_go_on: bool) -> list[Block]:
    """What comes next, unless the header says it already."""
    if header_instructs(situation):
        return []
    return [section(next_words(situation, may_go_on=may_go_on))]


def _asked(situation: Situation) -> list[Block]:
    """Colleagues who were asked to do something, and questions to Toplyne."""
    asked = asked_lines(situation)
    found = [*([asked] if asked else []), *question_lines(situation.integration)]
    return [context(*found)] if found else []


def _manage(situation: Situation, next_reminder: date | None, entry: Entry) -> list[Block]:
    integration = situation.integration
    rows: list[Block] = [section(strings.MANAGE)]
    if integration.credentials:
        rows.append(
            _token_row(integration.credentials, forgotten=bool(integration.token_forgotten))
        )
    if integration.credentials and integration.plan is not Plan.FREE:
        rows.append(_sources_row(integration))
        rows += [context(line) for line in unheard_lines(situation)]
    rows += write_back_row(integration, Action.OPEN_SCREEN, entry)
    leave = button(strings.DISCONNECT_BUTTON, Action.DISCONNECT)
    return [
        *rows,
        reminders_row(situation, next_reminder),
        people_row(integration),
        _help_row(situation),
        section(strings.DISCONNECT_ROW, accessory=leave),
    ]


def _help_row(situation: Situation) -> Block:
    screen = current_screen(situation)
    ask = button(strings.HELP_BUTTON, Action.ASK_HELP, screen)
    return section(strings.HELP_ROW, accessory=ask)


def _token_row(credentials: Credentials, *, forgotten: bool) -> Block:
    label = strings.ENTER_BUTTON if forgotten else strings.REPLACE_BUTTON
    workspace = name(credentials.workspace.label)
    if forgotten:
        text = strings.FORGOTTEN_ROW
    elif not credentials.has_token:
        text, label = strings.NONE_ROW.format(workspace=workspace), strings.ENTER_BUTTON
    else:
        text = strings.ENTERED_ROW.format(workspace=workspace, who=stamp(credentials.entered))
    return section(text, accessory=button(label, Action.OPEN_SCREEN, Screen.CREDENTIALS))


def _sources_row(integration: Integration) -> Block:
    chosen = name_list(source.label for source in integration.sources) or strings.SOURCES_NONE
    change = button(strings.SOURCES_BUTTON, Action.OPEN_SCREEN, Screen.SOURCES)
    return section(strings.SOURCES_ROW.format(sources=chosen), accessory=change)


def _history(events: Sequence[StoredEvent]) -> list[Block]:
    if not events:
        return []
    shown = (
        strings.HISTORY_LINE.format(
            when=moment(stored.event.stamp.at), line=home_line(stored.event, user)
        )
        for stored in events[:HISTORY_SHOWN]
    )
    return [section(strings.HISTORY), section(lines(shown))]
