"""Small modals that open from anywhere: ask a colleague, ask for help, disconnect."""

from slack_bolt.async_app import AsyncAck

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, ref_of
from bot.inbound.press import Press
from bot.views.people.asking import declined_message
from bot.views.people.dialogs import (
    asked_about,
    delegate_view,
    disconnect_view,
    help_view,
    screen_of,
)
from bot.views.people.managing import people_shown, people_view, right_of, trail_view
from flows.errors import Field
from flows.model import Screen
from flows.setup.people_steps import WhoManages
from flows.setup.permissions import Wide
from flows.vocabulary import Actor


def register(app: Table, deps: Parts) -> None:
    handlers = Dialogs(deps)
    app.action(Action.DELEGATE)(handlers.handle_open_delegate)
    app.view(Callback.DELEGATE)(handlers.handle_delegate)
    app.action(Action.NOT_ME)(handlers.handle_not_me)
    app.action(Action.ASK_HELP)(handlers.handle_open_help)
    app.view(Callback.HELP)(handlers.handle_help)
    app.action(Action.ASK_MANAGERS)(handlers.handle_ask_managers)
    app.action(Action.WHO_DID)(handlers.handle_who_did)
    app.action(Action.PEOPLE)(handlers.handle_open_people)
    app.view(Callback.PEOPLE)(handlers.handle_people)
    app.action(Action.DISCONNECT)(handlers.handle_open_disconnect)
    app.view(Callback.DISCONNECT)(handlers.handle_disconnect)


class Dialogs:
    def __init__(self, deps: Parts) -> None:
        self._submitting = deps.submitting
        self._setup = deps.setup
        self._managing = deps.managing
        self._answers = deps.answers

    async def handle_open_delegate(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        screen = Screen(press.value)
        situation = await self._submitting.not_left(actor, screen, press.ref)
        await press.over(delegate_view(situation, screen))

    async def handle_delegate(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        form, screen = Form(view), screen_of(view, Field.COLLEAGUE)
        colleague, note = form.user(Field.COLLEAGUE), form.text(Field.NOTE)
        result = await self._setup.delegate(actor, ref_of(view), screen, colleague, note)
        await self._answers.submission(ack, view, result)

    async def handle_not_me(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """The message is drawn anew, as what is over."""
        await ack()
        screen = Screen(press.value)
        situation = await self._managing.decline(actor, press.ref, screen)
        await press.redraw(declined_message(screen, situation))

    async def handle_open_help(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        screen = Screen(press.value)
        situation = await self._submitting.customer(actor)
        await press.over(help_view(situation, screen))

    async def handle_help(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        note = Form(view).text(Field.NOTE)
        screen = screen_of(view, Field.NOTE)
        result = await self._setup.ask_help(actor, ref_of(view), screen, note)
        await self._answers.submission(ack, view, result)

    async def handle_ask_managers(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        right = right_of(press.value)
        asked = self._answers.view(await self._managing.ask(actor, right, press.ref))
        await press.here(asked)

    async def handle_who_did(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        await press.open(trail_view(await self._managing.trail(actor)))

    async def handle_open_people(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        suggested = press.value
        situation = await self._submitting.situation(actor, Wide.MANAGE, press.ref)
        await press.over(people_view(situation, suggested))

    async def handle_people(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        form = Form(view)
        shown = people_shown(view["private_metadata"])
        wanted = WhoManages(form.users(Field.PEOPLE), form.options(Field.ASKED))
        result = await self._managing.set_people(actor, ref_of(view), shown, wanted)
        await self._answers.submission(ack, view, result)

    async def handle_open_disconnect(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        situation = await self._submitting.situation(actor, Wide.MANAGE, press.ref)
        await press.over(disconnect_view(situation))

    async def handle_disconnect(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        result = await self._setup.disconnect(actor, ref_of(view), asked_about(view))
        await self._answers.submission(ack, view, result)
