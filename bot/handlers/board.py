"""The board: its filters and pages, in the modal and on a CSM's Home."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.handlers.parts import Parts
from bot.ids import Action, Callback, parse_customer_value, parse_set_up_name
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, fresh_nonce
from bot.inbound.press import Press
from bot.strings.messages import WITHHELD
from bot.views.csm.board import ANY, nonce_shown, page_shown
from flows.csm.board import Filters, Stage
from flows.csm.deciding import CsmCommand
from flows.csm.paging import FIRST, Turn, turn_of
from flows.csm.refused import Decided
from flows.secret_shapes import looks_secret
from flows.vocabulary import Actor

FILTERS = (
    Action.BOARD_STAGE,
    Action.BOARD_WAITING,
    Action.BOARD_OWNER,
    Action.BOARD_AGE,
    Action.BOARD_SEARCH,
)


def register(app: Table, deps: Parts) -> None:
    handlers = BoardButtons(deps)
    for each in FILTERS:
        app.action(each)(handlers.handle_filter)
    for each in (Action.BOARD_PREVIOUS, Action.BOARD_NEXT):
        app.action(each)(handlers.handle_page)
    app.action(Action.BOARD_REFRESH)(handlers.handle_refresh)
    app.action(Action.BOARD_SHOW_ALL)(handlers.handle_show_all)
    app.action(Action.BOARD_CLAIM)(handlers.handle_claim)
    app.action(Action.OPEN_BOARD)(handlers.handle_open)
    app.view(Callback.BOARD)(handlers.handle_submit)


class BoardButtons:
    def __init__(self, deps: Parts) -> None:
        self._screens = deps.screens
        self._answers = deps.answers
        self._csm = deps.csm

    async def handle_open(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        view = await self._screens.modal(actor, Filters(), FIRST, "")
        await press.open(view)

    async def handle_filter(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        await self._redraw(actor, press, filters_of(press.view), FIRST)

    async def handle_page(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        turn = turn_of(press.value)
        await self._redraw(actor, press, filters_of(press.view), turn)

    async def handle_refresh(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        view = press.view
        await self._redraw(actor, press, filters_of(view), page_shown(view))

    async def handle_claim(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Claims the customer and redraws the page, which says whose customer it is now."""
        await ack()
        tenant_id, name = parse_customer_value(press.value)
        integration_id, _ = parse_set_up_name(name)
        with suppress(Decided):  # somebody else was faster
            await self._csm.owning.claim(CsmCommand(actor, tenant_id, integration_id))
        view = press.view
        await self._redraw(actor, press, filters_of(view), page_shown(view))

    async def handle_show_all(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        await self._redraw(actor, press, Filters(), FIRST, fresh_nonce(press.view))

    async def handle_submit(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        filters, nonce = filters_of(view), nonce_shown(view)
        fresh = await self._screens.modal(actor, filters, page_shown(view), nonce)
        await self._answers.replace(ack, view, fresh)

    async def _redraw(
        self,
        actor: Actor,
        press: Press,
        filters: Filters,
        turn: Turn,
        nonce: str | None = None,
    ) -> None:
        """Draws the board again. With the same `nonce` the choices stay."""
        shown = press.view
        nonce = nonce_shown(shown) if nonce is None else nonce
        if shown["type"] == "home":
            home = await self._screens.home(actor, filters, turn, nonce)
            await press.client.views_publish(user_id=actor.user_id, view=home)
        else:
            modal = await self._screens.modal(actor, filters, turn, nonce)
            await press.update(modal)


def filters_of(view: Mapping[str, Any]) -> Filters:
    """Reads what is chosen and typed in a board."""
    form = Form(view)

    def chosen(action: Action) -> str:
        value = form.option(action)
        return "" if value == ANY else value

    stage, age = chosen(Action.BOARD_STAGE), chosen(Action.BOARD_AGE)
    text = form.typed(Action.BOARD_SEARCH)
    return Filters(
        stage=Stage(stage) if stage else None,
        waiting=chosen(Action.BOARD_WAITING),
        owner=chosen(Action.BOARD_OWNER),
        age=int(age) if age else 0,
        text=WITHHELD if looks_secret(text) else text,  # Home would show it for good
    )
