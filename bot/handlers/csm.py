"""Buttons on the cards in the CSM channel."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import beside_fields, reply
from bot.context import actor_of
from bot.csm_values import parse_customer_value
from bot.dependencies import Dependencies
from bot.forms import Form
from bot.ids import Action, Callback
from bot.views.dialogs import decided_view, reject_view
from bot.views.status import decided_message
from flows.errors import Field
from flows.model import Actor
from flows.reviewing import Decided

Body = Mapping[str, Any]
Decision = Callable[[Actor, str, str], Awaitable[None]]


def register(app: AsyncApp, deps: Dependencies) -> None:
    handlers = CardButtons(deps)
    app.action(Action.CSM_CONFIRM)(handlers.handle_confirm)
    app.action(Action.CSM_REJECT)(handlers.handle_open_reject)
    app.view(Callback.REJECT)(handlers.handle_reject)
    app.action(Action.CSM_ARRIVING)(handlers.handle_arriving)


class CardButtons:
    def __init__(self, deps: Dependencies) -> None:
        self._reviewing = deps.reviewing
        self._answers = deps.answers
        self._csms = deps.csms

    async def handle_confirm(self, ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        await self._decide(self._reviewing.confirm, body, respond)

    async def handle_arriving(self, ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        await self._decide(self._reviewing.confirm_arrival, body, respond)

    async def _decide(self, decision: Decision, body: Body, respond: AsyncRespond) -> None:
        customer = parse_customer_value(body["actions"][0]["value"])
        try:
            await decision(actor_of(body), *customer)
        except Decided:
            await reply(respond, decided_message())

    async def handle_open_reject(
        self, ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        await self._csms.require(actor_of(body))
        view = reject_view(body["actions"][0]["value"])
        await self._answers.open(client, respond, body, view)

    async def handle_reject(self, ack: AsyncAck, body: Body, view: Body) -> None:
        customer = parse_customer_value(view["private_metadata"])
        reason = Form(view).text(Field.REASON)
        try:
            errors = await self._reviewing.reject(actor_of(body), *customer, reason)
        except Decided:
            await ack(response_action="update", view=decided_view())
            return
        if errors:
            await ack(response_action="errors", errors=beside_fields(view, errors))
            return
        await ack()
