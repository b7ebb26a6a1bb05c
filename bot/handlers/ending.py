"""The plan upgrade that history needs, the end without history, and the receipt."""

from slack_bolt.async_app import AsyncAck

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, ref_of
from bot.inbound.press import Press
from bot.views.people.dialogs import forget_token_view, upgraded_view
from flows.errors import Field
from flows.model import Screen
from flows.vocabulary import Actor


def register(app: Table, deps: Parts) -> None:
    handlers = Endings(deps)
    app.view(Callback.UPGRADE)(handlers.handle_open_upgraded)
    app.view(Callback.UPGRADED)(handlers.handle_upgraded)
    app.action(Action.FINISH_LIVE_ONLY)(handlers.handle_finish_live_only)
    app.action(Action.REOPEN)(handlers.handle_reopen)
    app.view(Callback.RECEIPT)(handlers.handle_keep_watching)
    app.action(Action.FORGET_TOKEN)(handlers.handle_open_forget_token)
    app.view(Callback.FORGET_TOKEN)(handlers.handle_forget_token)


class Endings:
    def __init__(self, deps: Parts) -> None:
        self._submitting = deps.submitting
        self._setup = deps.setup
        self._replaying = deps.replaying
        self._answers = deps.answers

    async def handle_open_upgraded(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        situation = await self._submitting.situation(actor, Screen.UPGRADE, ref_of(view))
        await ack(response_action="push", view=upgraded_view(situation))

    async def handle_upgraded(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        view = press.view
        day = Form(view).day(Field.UPGRADED_ON)
        result = await self._replaying.declare_upgrade(actor, ref_of(view), day)
        if result.errors:
            await self._answers.submission(ack, view, result, Screen.UPGRADE)
            return
        await ack()
        await press.update(self._answers.view(result), view["root_view_id"])

    async def handle_finish_live_only(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        result = await self._replaying.finish_live_only(actor, ref_of(press.view))
        await press.update(self._answers.view(result))

    async def handle_reopen(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        result = await self._replaying.reopen(actor, ref_of(press.view))
        await press.update(self._answers.view(result))

    async def handle_keep_watching(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        result = await self._setup.keep_watching(actor, ref_of(view))
        await self._answers.submission(ack, view, result)

    async def handle_open_forget_token(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        situation = await self._submitting.situation(actor, Screen.CREDENTIALS, ref_of(press.view))
        await press.push(forget_token_view(situation))

    async def handle_forget_token(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        result = await self._setup.forget_token(actor, ref_of(press.view))
        await ack()
        await press.update(self._answers.view(result), press.view["root_view_id"])
