"""Buttons in a reminder and on Home: check, snooze, stop, resume."""

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.answers import redraw
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, pressed_in, ref_of, value_of
from bot.views.people.reminders import (
    Choice,
    chosen_message,
    parse_choice,
    snooze_view,
    unchanged_view,
)
from flows.errors import Field
from flows.model import Screen
from flows.reminders.service import PutOff
from flows.setup.permissions import Wide
from flows.vocabulary import Actor


def register(app: Table, deps: Parts) -> None:
    handlers = ReminderButtons(deps)
    for action in (Action.REMINDER_SNOOZE, Action.REMINDER_STOP, Action.REMINDERS_CHANGE):
        app.action(action)(handlers.handle_choice)
    app.action(Action.REMINDERS_RESUME)(handlers.handle_resume)
    app.view(Callback.SNOOZE)(handlers.handle_date)
    app.action(Action.CHECK_NOW)(handlers.handle_check_now)


class ReminderButtons:
    """Each shows its outcome where it was pressed. The newest reminder and Home are redrawn by the
    stored change too, whoever made it.
    """

    def __init__(self, deps: Parts) -> None:
        self._reminding = deps.reminding
        self._setup = deps.setup
        self._answers = deps.answers

    async def handle_choice(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        chosen = parse_choice(body["actions"][0]["selected_option"]["value"])
        ref, blocker = pressed_in(body), chosen.blocker
        match chosen.choice:
            case Choice.DATE:
                situation = await self._setup.not_left(actor, Wide.LOOK, ref)
                await self._answers.open(client, respond, body, snooze_view(situation))
                return
            case Choice.STOP:
                put_off = await self._reminding.stop(actor, ref, blocker)
            case Choice.STOP_ALL:
                put_off = await self._reminding.stop(actor, ref)
            case days:
                put_off = await self._reminding.snooze(actor, ref, int(days), blocker)
        await self._show(put_off, blocker, body, client, respond)

    async def handle_date(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        day = Form(view).day(Field.UNTIL)
        result = await self._reminding.snooze_until(actor, ref_of(view), day)
        await self._answers.submission(ack, view, result)

    async def handle_resume(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        put_off = await self._reminding.resume(actor, pressed_in(body))
        blocker = value_of(body)
        await self._show(put_off, blocker, body, client, respond)

    async def _show(
        self,
        put_off: PutOff,
        blocker: str,
        body: Body,
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        """A message is drawn anew. Home is anyway, unless nothing changed, which is said then."""
        if not body.get("view"):
            rendered = chosen_message(blocker, put_off.situation)
            await redraw(client, respond, body, rendered)
        elif not put_off.is_new:
            await self._answers.open(client, respond, body, unchanged_view(put_off.situation))

    async def handle_check_now(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        """Opens at once, since a trigger lasts three seconds. The result of the check follows."""
        await ack()
        answers, ref = self._answers, pressed_in(body)
        shown = await self._setup.show(actor, ref, Screen.LIVE_SYNC)
        view_id = await answers.open(client, respond, body, answers.view(shown))
        if view_id and shown.screen is Screen.LIVE_SYNC:
            await answers.update(client, view_id, await self._setup.check_live(actor, ref))
