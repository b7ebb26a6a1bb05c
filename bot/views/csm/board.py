"""The board (figures, filters, one line per customer), and a CSM's Home around it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    InputBlock,
    InteractiveElement,
    Option,
    OptionGroup,
    PlainTextInputElement,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.blocks.basic_components import DispatchActionConfig
from slack_sdk.models.views import View

from bot.ids import Action, Callback
from bot.strings import board as strings
from bot.strings import names
from bot.strings.blockers import BLOCKERS
from bot.strings.cards import WAITING_NAME
from bot.views.csm.customer_lines import count, customer_line, line_button
from bot.views.csm.labels import CardUrl, Labels
from bot.views.kit.blocks import (
    actions,
    button,
    context,
    divider,
    header,
    modal,
    option,
    plain,
    section,
)
from bot.views.kit.text import day_of, lines, name, since, user
from flows.csm.board import (
    MAX_SEARCH,
    MINE,
    MOST_INVITED,
    NOBODY,
    PAGE_SIZE,
    SHORT_LIST,
    Board,
    CsmHome,
    Customer,
    Filters,
    Stage,
)
from flows.csm.paging import Turn, turn_of
from flows.setup.blockers import Blocker

PAGE_BLOCK, FILTER_BLOCK = "board_page_", "board_filters:"
ANY = "any"


def board_view(
    board: Board,
    urls: CardUrl,
    owners: Mapping[str, str],
    nonce: str = "",
    left: Collection[str] = (),
) -> View:
    """The modal. A new `nonce` makes Slack forget the choices. `owners` are names by user id, and
    `left` are those of them who are gone.
    """
    labels = Labels(board.customers, urls, left)
    blocks = [_figures(board), *_board_blocks(board, labels, owners, nonce)]
    return modal(strings.TITLE, Callback.BOARD, blocks, submit=strings.REFRESH)


def csm_home_view(
    home: CsmHome,
    urls: CardUrl,
    owners: Mapping[str, str],
    nonce: str,
    left: Collection[str] = (),
) -> View:
    """A CSM's App Home: their own customers, those who have not begun, and the whole board."""
    labels = Labels([*home.mine, *home.not_started, *home.board.customers], urls, left)
    blocks: list[Block] = [
        header(strings.HOME_TITLE),
        _figures(home.board),
        *_short(strings.HOME_MINE, strings.HOME_NO_MINE, home.mine, home.board, labels),
        *_short(
            strings.HOME_NOT_STARTED, strings.HOME_NO_WAITING, home.not_started, home.board, labels
        ),
        divider(),
        header(strings.HOME_ALL),
        *_board_blocks(home.board, labels, owners, nonce),
        actions(button(strings.REFRESH, Action.BOARD_REFRESH)),
    ]
    return View(type="home", blocks=blocks)


def _board_blocks(
    board: Board, labels: Labels, owners: Mapping[str, str], nonce: str
) -> list[Block]:
    """The filters, and the customers that match."""
    return [
        _filters(board.filters, owners, nonce),
        _search(board.filters.text, nonce),
        *_invited(board),
        *_list(board, labels),
    ]


def _figures(board: Board) -> Block:
    figures = board.figures
    text = strings.FIGURES.format(
        in_progress=figures.in_progress,
        stuck=count(figures.stuck),
        finished=count(figures.finished),
    )
    return section(text)


def page_shown(view: Mapping[str, Any]) -> Turn:
    """The page that a drawn board shows."""
    return turn_of(_after(PAGE_BLOCK, view))


def nonce_shown(view: Mapping[str, Any]) -> str:
    """The nonce under which a drawn board keeps its choices."""
    return _after(FILTER_BLOCK, view)


def _after(prefix: str, view: Mapping[str, Any]) -> str:
    ids = (str(block.get("block_id") or "") for block in view.get("blocks") or ())
    return next((each.removeprefix(prefix) for each in ids if each.startswith(prefix)), "")


def _list(board: Board, labels: Labels) -> list[Block]:
    block_id = f"{PAGE_BLOCK}{board.here}"
    if not board.customers:
        return _nothing(board, block_id)
    first = board.turn.number * PAGE_SIZE + 1
    template = strings.SHOWN if len(board.customers) > 1 else strings.SHOWN_ONE
    shown = template.format(first=first, last=first + len(board.customers) - 1)
    note = context(f"{shown} · {strings.CUT}" if board.is_cut else shown)
    note.block_id = block_id
    rows = [_row(each, board, labels) for each in board.customers]
    return [note, *rows, *_pages(board)]


def _invited(board: Board) -> list[Block]:
    """Customers who have a link and have not installed the app yet."""
    said = [
        strings.INVITED_LINE.format(
            account=name(each.account),
            owner=user(each.owner),
            since=since(each.invited_at),
            until=day_of(each.expires_at),
        )
        for each in board.invited[:MOST_INVITED]
    ]
    only_mine = board.filters.owner == MINE
    more = (
        strings.INVITED_MORE_MINE if only_mine else strings.INVITED_MORE.format(mine=strings.MINE)
    )
    found = [section(lines([strings.INVITED, *said]))] if said else []
    return [*found, *([context(more)] if len(board.invited) > MOST_INVITED else [])]


def _row(customer: Customer, board: Board, labels: Labels) -> SectionBlock:
    line = customer_line(customer, board.now, labels)
    claim = line_button(customer, board.now, labels.urls, Action.BOARD_CLAIM)
    return section(line, accessory=claim)


def _pages(board: Board) -> list[Block]:
    """The buttons between pages. Their value says which page."""
    found: list[InteractiveElement] = []
    if board.turn.number:
        found.append(button(strings.PREVIOUS, Action.BOARD_PREVIOUS, str(board.previous)))
    if board.has_more:
        found.append(button(strings.NEXT, Action.BOARD_NEXT, str(board.following)))
    return [actions(*found)] if found else []


def _nothing(board: Board, block_id: str) -> list[Block]:
    if not board.figures.customers and not board.filters.any:
        all_left = strings.ALL_LEFT.format(left=strings.STAGE[Stage.LEFT])
        nobody = all_left if board.figures.left else strings.NO_CUSTOMERS
        return [section(nobody, block_id=block_id)]
    if board.turn.number:
        return [section(strings.LAST_PAGE, block_id=block_id), *_pages(board)]
    only_mine = board.filters == Filters(owner=MINE)
    text = strings.NOTHING_MINE if only_mine else strings.NOTHING_FOUND
    show_all = button(strings.SHOW_ALL, Action.BOARD_SHOW_ALL)
    return [section(text, block_id=block_id), actions(show_all)]


def _short(
    title: str, nobody: str, customers: Sequence[Customer], board: Board, labels: Labels
) -> list[Block]:
    rows: list[Block] = [_row(each, board, labels) for each in customers[:SHORT_LIST]]
    more = [context(strings.MORE)] if len(customers) > SHORT_LIST else []
    return [divider(), header(title), *(rows or [section(nobody)]), *more]


# --- filters ------------------------------------------------------------------------------------


def _filters(filters: Filters, owners: Mapping[str, str], nonce: str) -> ActionsBlock:
    return actions(
        _select(Action.BOARD_STAGE, _stages(), filters.stage or ANY),
        _waiting(filters.waiting or ANY),
        _select(Action.BOARD_OWNER, _owners(owners), filters.owner or ANY),
        _select(Action.BOARD_AGE, _ages(), str(filters.age) if filters.age else ANY),
        block_id=f"{FILTER_BLOCK}{nonce}",
    )


def _stages() -> list[Option]:
    return [option(strings.ANY_STAGE, ANY), *(option(strings.STAGE[s], s) for s in Stage)]


def _owners(owners: Mapping[str, str]) -> list[Option]:
    fixed = [(strings.ANY_OWNER, ANY), (strings.MINE, MINE), (strings.NOBODY, NOBODY)]
    return [option(text, value) for text, value in fixed] + [
        option(name, user_id) for user_id, name in owners.items()
    ]


def _ages() -> list[Option]:
    found = (option(text, str(days)) for days, text in strings.AGE.items())
    return [option(strings.ANY_AGE, ANY), *found]


def _select(action: Action, options: Sequence[Option], chosen: str) -> StaticSelectElement:
    return StaticSelectElement(
        action_id=action, options=options, initial_option=_chosen(options, chosen)
    )


def _waiting(chosen: str) -> StaticSelectElement:
    """One list of whom a customer waits for and of what blocks them."""
    anybody = [option(strings.ANY_WAITING, ANY)]
    who = [option(_upper(text), each) for each, text in WAITING_NAME.items()]
    why = [option(_upper(_blocker_name(each)), each) for each in Blocker]
    groups = [
        OptionGroup(label=plain(strings.ANY_GROUP, 75), options=anybody),
        OptionGroup(label=plain(strings.WAITING_GROUP, 75), options=who),
        OptionGroup(label=plain(strings.BLOCKER_GROUP, 75), options=why),
    ]
    return StaticSelectElement(
        action_id=Action.BOARD_WAITING,
        option_groups=groups,
        initial_option=_chosen([*anybody, *who, *why], chosen),
    )


def _blocker_name(blocker: Blocker) -> str:
    return BLOCKERS[blocker].csm.format(source=names.ANY_SOURCE)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _chosen(options: Iterable[Option], value: str) -> Option:
    """The chosen option, or the first one if that option no longer exists."""
    every = list(options)
    return next((each for each in every if each.value == value), every[0])


def _search(text: str, nonce: str) -> InputBlock:
    element = PlainTextInputElement(
        action_id=Action.BOARD_SEARCH,
        initial_value=text[:MAX_SEARCH] or None,
        max_length=MAX_SEARCH,
        dispatch_action_config=DispatchActionConfig(trigger_actions_on=["on_enter_pressed"]),
    )
    return InputBlock(
        label=plain(strings.SEARCH),
        element=element,
        block_id=f"board_search:{nonce}",
        hint=plain(strings.SEARCH_HINT),
        optional=True,
        dispatch_action=True,
    )
