"""Small modals that are there from anywhere: a colleague, help, disconnect."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.answers import beside_fields
from bot.inbound.forms import Form, ref_of
from bot.views.people.dialogs import (
    delegate_view,
    delegated_view,
    disconnect_view,
    disconnected_view,
    help_asked_view,
    help_view,
    screen_of,
)
from flows.errors import Field
from flows.model import Screen
from flows.vocabulary import Actor

Body = Mapping[str, Any]


def register(app: AsyncApp, deps: Parts) -> None:
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
        situation = (await self._setup.start(actor)).situation
        await self._answers.over(client, respond, body, delegate_view(situation, screen))

    async def handle_delegate(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        colleague = Form(view).user(Field.COLLEAGUE)
        screen = screen_of(view, Field.COLLEAGUE)
        errors = await self._setup.delegate(actor, ref_of(view), screen, colleague)
        if errors:
            await ack(response_action="errors", errors=beside_fields(view, errors))
            return
        await ack(response_action="update", view=delegated_view(colleague))

    async def handle_open_help(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        shown = await self._setup.start(actor)
        value = body["actions"][0].get("value")
        screen = Screen(value) if value else shown.screen
        await self._answers.over(client, respond, body, help_view(shown.situation, screen))

    async def handle_help(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        note = Form(view).text(Field.NOTE)
        screen = screen_of(view, Field.NOTE)
        errors = await self._setup.ask_help(actor, ref_of(view), screen, note)
        if errors:
            await ack(response_action="errors", errors=beside_fields(view, errors))
            return
        await ack(response_action="update", view=help_asked_view())

    async def handle_open_disconnect(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        situation = (await self._setup.start(actor)).situation
        await self._answers.over(client, respond, body, disconnect_view(situation))

    async def handle_disconnect(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        finished = await self._setup.disconnect(actor, ref_of(view))
        await ack(response_action="update", view=disconnected_view(finished.situation))
