"""The customer's answer to a CSM's message."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.dispatch import Table
from bot.inbound.forms import Form, ref_of
from bot.views.csm.messages import reply_view
from flows.errors import Field
from flows.vocabulary import Actor

Body = Mapping[str, Any]


def register(app: Table, deps: Parts) -> None:
    handlers = Conversation(deps)
    app.action(Action.REPLY)(handlers.handle_open_reply)
    app.view(Callback.REPLY)(handlers.handle_reply)


class Conversation:
    def __init__(self, deps: Parts) -> None:
        self._setup = deps.setup
        self._conversing = deps.conversing
        self._answers = deps.answers

    async def handle_open_reply(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        situation = await self._setup.customer(actor)
        await self._answers.open(client, respond, body, reply_view(situation))

    async def handle_reply(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        text = Form(view).text(Field.TEXT)
        result = await self._conversing.reply(actor, ref_of(view), text)
        await self._answers.submission(ack, view, result)
