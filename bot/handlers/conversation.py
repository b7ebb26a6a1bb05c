"""The customer's answer to a CSM's message."""

from dataclasses import replace

from slack_bolt.async_app import AsyncAck

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, ref_of
from bot.inbound.press import Press
from bot.views.csm.messages import passed_on_message, reply_view
from bot.views.people.writing import render_nowhere
from flows.errors import Field
from flows.outbox.bodies import TokenWarning
from flows.setup.results import Mistakes
from flows.vocabulary import Actor


def register(app: Table, deps: Parts) -> None:
    handlers = Conversation(deps)
    app.action(Action.REPLY)(handlers.handle_open_reply)
    app.view(Callback.REPLY)(handlers.handle_reply)
    app.action(Action.PASS_ON)(handlers.handle_pass_on)


class Conversation:
    def __init__(self, deps: Parts) -> None:
        self._submitting = deps.submitting
        self._conversing = deps.conversing
        self._answers = deps.answers

    async def handle_open_reply(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        situation = await self._submitting.customer(actor)
        await press.open(reply_view(situation))

    async def handle_reply(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        form = Form(view)
        result = await self._conversing.reply(
            actor, ref_of(view), form.text(Field.TEXT), form.shown(int)
        )
        await self._answers.submission(ack, view, result)

    async def handle_pass_on(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Passes on what was typed to the app, once for each offer, which is drawn anew."""
        await ack()
        text = press.value
        form = f"typed:{press.body['container']['message_ts']}"
        ref = replace(press.ref, form=form)
        seen = Form(press.body.get("message") or {}).shown(int)
        result = await self._conversing.reply(actor, ref, text, seen)
        is_secret = isinstance(result, Mistakes)
        rendered = render_nowhere(TokenWarning()) if is_secret else passed_on_message(text)
        await press.redraw(rendered)
