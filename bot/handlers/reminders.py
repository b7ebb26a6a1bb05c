"""Buttons in a reminder and on Home: check, snooze, stop, resume."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.dispatch import Table
from bot.inbound.forms import Form
from bot.views.people.reminders import Choice, parse_choice, snooze_view
from flows.errors import Field
from flows.model import Screen
from flows.setup.permissions import Wide
from flows.vocabulary import Actor

Body = Mapping[str, Any]


def register(app: Table, deps: Parts) -> None:
    handlers = ReminderButtons(deps)
    for action in (Action.REMINDER_SNOOZE, Action.REMINDER_STOP, Action.REMINDERS_CHANGE):
        app.action(action)(handlers.handle_choice)
    app.action(Action.REMINDERS_RESUME)(handlers.handle_resume)
    app.view(Callback.SNOOZE)(handlers.handle_date)
    app.action(Action.CHECK_NOW)(handlers.handle_check_now)


class ReminderButtons:
    """These do not redraw the reminder. The stored change does, since Home can make it too."""

    def __init__(self, deps: Parts) -> None:
        self._reminding = deps.reminding
        self._setup = deps.setup
        self._answers = deps.answers

    async def handle_choice(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        chosen = parse_choice(body["actions"][0]["selected_option"]["value"])
        match chosen.choice:
            case Choice.DATE:
                situation = await self._setup.not_left(actor, Wide.LOOK)
                await self._answers.open(client, respond, body, snooze_view(situation))
            case Choice.STOP:
                await self._reminding.stop(actor, chosen.blocker)
            case Choice.STOP_ALL:
                await self._reminding.stop(actor)
            case days:
                await self._reminding.snooze(actor, int(days))

    async def handle_date(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        day = Form(view).day(Field.UNTIL)
        result = await self._reminding.snooze_until(actor, day)
        await self._answers.submission(ack, view, result)

    async def handle_resume(self, ack: AsyncAck, actor: Actor) -> None:
        await ack()
        await self._reminding.resume(actor)

    async def handle_check_now(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        """Opens at once, since a trigger lasts three seconds. The result of the check follows."""
        await ack()
        answers = self._answers
        shown = await self._setup.show(actor, Screen.LIVE_SYNC)
        view_id = await answers.open(client, respond, body, answers.view(shown))
        if view_id and shown.screen is Screen.LIVE_SYNC:
            await answers.update(client, view_id, await self._setup.check_live(actor))
