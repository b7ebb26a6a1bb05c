"""Draws the board: the customers found, links to their cards, and names of owners."""

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.models.views import View

from bot.outbound.people import People
from bot.outbound.permalinks import Permalinks
from bot.views.csm.board import board_view, csm_home_view
from flows.csm.board import Board, Boards, Filters
from flows.csm.paging import Turn
from flows.vocabulary import Actor


class BoardScreens:
    """Draws the board for one CSM. Raises what `Csms.require` raises."""

    def __init__(self, boards: Boards, permalinks: Permalinks, people: People) -> None:
        self._boards = boards
        self._permalinks = permalinks
        self._people = people

    async def modal(self, csm: Actor, filters: Filters, turn: Turn, nonce: str) -> View:
        board = await self._named(await self._boards.page(csm, filters, turn))
        urls = await self._permalinks.cards(csm.tenant_id)
        names = await self._names(csm, board.owners)
        return board_view(board, urls, names, nonce, self._left(csm, board.owners))

    async def home(self, csm: Actor, filters: Filters, turn: Turn, nonce: str) -> View:
        home = await self._boards.home(csm, filters, turn)
        urls = await self._permalinks.cards(csm.tenant_id)
        names = await self._names(csm, home.board.owners)
        board = await self._named(home.board)
        mine = await self._people.with_askers(home.mine)
        home = replace(home, board=board, mine=mine)
        return csm_home_view(home, urls, names, nonce, self._left(csm, board.owners))

    async def _named(self, board: Board) -> Board:
        return replace(board, customers=await self._people.with_askers(board.customers))

    def _left(self, csm: Actor, owners: Sequence[str]) -> list[str]:
        """Those who are gone, as Slack said when their names were asked for."""
        return [each for each in owners if self._people.has_left(csm.tenant_id, each)]

    async def _names(self, csm: Actor, owners: Sequence[str]) -> dict[str, str]:
        """Returns names by user id, sorted by name, without names that do not arrive in time."""
        found = await self._people.names(csm.tenant_id, owners)
        return dict(sorted(found.items(), key=lambda each: each[1].casefold()))
