"""Small modals that open from anywhere: ask a colleague, ask for help, disconnect."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.dispatch import Table
from bot.inbound.forms import Form, ref_of
from bot.views.people.dialogs import (
    delegate_view,
    disconnect_view,
    help_view,
    screen_of,
)
from flows.errors import Field
from flows.model import Screen
from flows.vocabulary import Actor

Body = Mapping[str, Any]


def register(app: Table, deps: Parts) -> None:
    handlers = Dialogs(deps)
    app.action(Action.DELEGATE)(handlers.handle_open_delegate)
    app.view(Callback.DELEGATE)(handlers.handle_delegate)
    app.action(Action.ASK_HELP)(handlers.handle_open_help)
    app.view(Callback.HELP)(handlers.handle_help)
    app.action(Action.DISCONNECT)(handlers.handle_open_disconnect)
    app.view(Callback.DISCONNECT)(handlers.handle_disconnect)


class Dialogs:
    def __init__(self, deps: Parts) -> None:
        self._setup = deps.setup
        self._answers = deps.answers

    async def handle_open_delegate(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        screen = Screen(body["actions"][0]["value"])
        situation = await self._setup.not_left(actor)
        await self._answers.over(client, respond, body, delegate_view(situation, screen))

    async def handle_delegate(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        colleague = Form(view).user(Field.COLLEAGUE)
        screen = screen_of(view, Field.COLLEAGUE)
        result = await self._setup.delegate(actor, ref_of(view), screen, colleague)
        await self._answers.submission(ack, view, result)

    async def handle_open_help(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        screen = Screen(body["actions"][0]["value"])
        situation = await self._setup.customer(actor)
        await self._answers.over(client, respond, body, help_view(situation, screen))

    async def handle_help(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        note = Form(view).text(Field.NOTE)
        screen = screen_of(view, Field.NOTE)
        result = await self._setup.ask_help(actor, ref_of(view), screen, note)
        await self._answers.submission(ack, view, result)

    async def handle_open_disconnect(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        situation = await self._setup.under_way(actor)
        await self._answers.over(client, respond, body, disconnect_view(situation))

    async def handle_disconnect(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        result = await self._setup.disconnect(actor, ref_of(view))
        await self._answers.submission(ack, view, result)
