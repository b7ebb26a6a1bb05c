"""Buttons in a reminder and on Home: check, snooze, stop, resume."""

from slack_bolt.async_app import AsyncAck

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, ref_of
from bot.inbound.press import Press
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
        self._submitting = deps.submitting
        self._setup = deps.setup
        self._answers = deps.answers

    async def handle_choice(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        chosen = parse_choice(press.chosen)
        ref, blocker = press.ref, chosen.blocker
        match chosen.choice:
            case Choice.DATE:
                situation = await self._submitting.not_left(actor, Wide.LOOK, ref)
                await press.open(snooze_view(situation))
                return
            case Choice.STOP:
                put_off = await self._reminding.stop(actor, ref, blocker)
            case Choice.STOP_ALL:
                put_off = await self._reminding.stop(actor, ref)
            case days:
                put_off = await self._reminding.snooze(actor, ref, int(days), blocker)
        await self._show(put_off, blocker, press)

    async def handle_date(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        day = Form(view).day(Field.UNTIL)
        result = await self._reminding.snooze_until(actor, ref_of(view), day)
        await self._answers.submission(ack, view, result)

    async def handle_resume(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        put_off = await self._reminding.resume(actor, press.ref)
        await self._show(put_off, press.value, press)

    async def _show(self, put_off: PutOff, blocker: str, press: Press) -> None:
        """A message is drawn anew. Home is anyway, unless nothing changed, which is said then."""
        if not press.view:
            await press.redraw(chosen_message(blocker, put_off.situation))
        elif not put_off.is_new:
            await press.open(unchanged_view(put_off.situation))

    async def handle_check_now(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Opens at once, since a trigger lasts three seconds. The result of the check follows."""
        await ack()
        answers, ref = self._answers, press.ref
        shown = await self._setup.show(actor, ref, Screen.LIVE_SYNC)
        view = answers.view(shown)
        view_id = await press.open(view)
        if view_id and shown.screen is Screen.LIVE_SYNC:
            opened = {"id": view_id, "external_id": view.external_id}
            checked = await self._setup.check_live(actor, ref)
            await press.update_late(answers.view(checked), opened)
