"""The board as it is drawn: what was found, links to the cards, names of owners."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.outbound.contact_names import ContactNames
from bot.outbound.people import People
from bot.outbound.permalinks import Permalinks
from bot.views.csm.board import board_view, csm_home_view
from flows.csm.board import Board, Boards, Filters
from flows.vocabulary import Actor

NAMES_WITHIN = 1.0  # seconds; a trigger lives three, and an owner without a name is left out


class BoardScreens:
    """Draws for one CSM. Raises what `Csms.require` does."""

    def __init__(
        self, boards: Boards, permalinks: Permalinks, people: People, names: ContactNames
    ) -> None:
        self._boards = boards
        self._permalinks = permalinks
        self._people = people
        self._contact_names = names

    async def modal(
        self, client: AsyncWebClient, csm: Actor, filters: Filters, number: int, nonce: str
    ) -> View:
        board = await self._named(await self._boards.page(csm, filters, number))
        urls = await self._permalinks.cards(csm.tenant_id)
        return board_view(board, urls, await self._names(client, board.owners), nonce)

    async def home(
        self, client: AsyncWebClient, csm: Actor, filters: Filters, number: int, nonce: str
    ) -> View:
        home = await self._boards.home(csm, filters, number)
        urls = await self._permalinks.cards(csm.tenant_id)
        names = await self._names(client, home.board.owners)
        board = await self._named(home.board)
        mine = await self._contact_names.with_askers(home.mine)
        return csm_home_view(replace(home, board=board, mine=mine), urls, names, nonce)

    async def _named(self, board: Board) -> Board:
        return replace(board, customers=await self._contact_names.with_askers(board.customers))

    async def _names(self, client: AsyncWebClient, owners: Sequence[str]) -> dict[str, str]:
        """User id → name, by name; whoever Slack does not name in time is left out."""
        found: dict[str, str] = {}

        async def ask(user_id: str) -> None:
            found.update(await self._people.names(client, [user_id]))

        with suppress(TimeoutError):
            async with asyncio.timeout(NAMES_WITHIN):
                await asyncio.gather(*(ask(user_id) for user_id in owners))
        return dict(sorted(found.items(), key=lambda each: each[1].casefold()))
