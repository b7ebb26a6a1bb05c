"""Buttons on the cards in the CSM channel, and the modals that they open."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.handlers.parts import Parts
from bot.ids import (
    Action,
    Callback,
    More,
    customer_value,
    input_action,
    parse_about_value,
    parse_more_value,
    parse_numbered_value,
)
from bot.inbound.answers import beside_fields, reply
from bot.inbound.dispatch import Table
from bot.inbound.forms import Form
from bot.views.csm import modals as views
from bot.views.csm.questions import answered_view
from bot.views.people.dialogs import decided_view
from bot.views.people.status import decided_message
from flows.csm.facts import Rejectable
from flows.csm.needs import recipient
from flows.csm.service import CsmCommand, CsmService, Decided, Errors
from flows.csm.steps import ReplayMark, rejectable, replay_marks
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Situation
from flows.vocabulary import Actor

Body = Mapping[str, Any]
Handler = Callable[..., Awaitable[None]]
Decision = Callable[[CsmService, CsmCommand], Awaitable[None]]
Filled = Callable[[CsmCommand, Form], Awaitable[Errors]]
Draw = Callable[[Situation, str], View]


def register(app: Table, deps: Parts) -> None:
    buttons, modals = CardButtons(deps), CardModals(deps)
    app.action(Action.CSM_CONFIRM)(_decides(deps.csm, CsmService.confirm))
    app.action(Action.CSM_ARRIVING)(_decides(deps.csm, CsmService.confirm_arrival))
    app.action(Action.CSM_HISTORY)(_confirms_history(deps.csm))
    app.action(Action.CSM_CLAIM)(_decides(deps.csm, CsmService.claim))
    app.action(Action.CSM_UNCLAIM)(_decides(deps.csm, CsmService.unclaim))
    app.action(Action.CSM_REJECT)(buttons.opens(views.reject_view))
    app.action(Action.CSM_ASSIGN)(buttons.opens(views.assign_view))
    app.action(Action.CSM_MESSAGE)(buttons.handle_open_message)
    app.action(Action.CSM_ANSWERED)(_decides(deps.csm, CsmService.answered))
    app.action(Action.CSM_MORE)(buttons.handle_more)
    app.view(Callback.REJECT)(_submits(modals.reject))
    app.view(Callback.CSM_ASSIGN)(_submits(modals.assign))
    app.view(Callback.CSM_MESSAGE)(_submits(modals.write))
    app.view(Callback.CSM_ANSWERED)(_submits(modals.answered))
    app.view(Callback.CSM_ACCOUNT)(_submits(modals.set_account))
    app.view(Callback.CSM_SNOOZE)(_submits(modals.snooze))
    app.view(Callback.CSM_REPLAY)(_submits(modals.mark_replay))


class CardButtons:
    """Buttons that open a modal about the customer's current state."""

    def __init__(self, deps: Parts) -> None:
        self._csm = deps.csm
        self._answers = deps.answers
        self._people = deps.people

    def opens(self, draw: Draw) -> Handler:
        async def handle(
            ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
        ) -> None:
            await ack()
            await self._open(body["actions"][0]["value"], body, actor, client, respond, draw)

        return handle

    async def handle_open_message(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        command = _command(actor, body["actions"][0]["value"])
        situation = await self._csm.look(command)
        to = recipient(situation.integration, command.matter)
        names = await self._people.names(command.tenant_id, [to])
        value = customer_value(command.tenant_id, command.integration_id)
        view = views.message_view(situation, value, names, command.matter)
        await self._answers.open(client, respond, body, view)

    async def handle_more(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        more, value = parse_more_value(body["actions"][0]["selected_option"]["value"])
        if more is More.ANSWERED:
            await self._open_answered(value, body, actor, client, respond)
            return
        await self._open(value, body, actor, client, respond, _MODALS[more])

    async def _open_answered(
        self, value: str, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        command = _command(actor, value)
        situation = await self._csm.look(command)
        open_matters = situation.integration.csm.open_matters
        if not open_matters:
            await reply(client, respond, decided_message())
            return
        names = await self._people.names(command.tenant_id, [each.by for each in open_matters])
        await self._answers.open(client, respond, body, answered_view(situation, value, names))

    async def _open(
        self,
        value: str,
        body: Body,
        actor: Actor,
        client: AsyncWebClient,
        respond: AsyncRespond,
        draw: Draw,
    ) -> None:
        """Opens a modal, unless what it asks for has become impossible since the card was drawn."""
        situation = await self._csm.look(_command(actor, value))
        if draw in _NEEDS and not _NEEDS[draw](situation):
            await reply(client, respond, decided_message())
            return
        await self._answers.open(client, respond, body, draw(situation, value))


_MODALS: Mapping[More, Draw] = {
    More.ACCOUNT: views.account_view,
    More.SNOOZE: views.csm_snooze_view,
    More.REPLAY: views.replay_mark_view,
    More.REJECT: views.reject_view,
}
_NEEDS: Mapping[Draw, Callable[[Situation], object]] = {
    views.replay_mark_view: lambda situation: replay_marks(situation.integration),
    views.reject_view: lambda situation: rejectable(situation.integration),
}


class CardModals:
    """Submissions of the modals."""

    def __init__(self, deps: Parts) -> None:
        self._csm = deps.csm
        self._conversing = deps.conversing

    async def reject(self, command: CsmCommand, form: Form) -> Errors:
        what = Rejectable(form.option(input_action(Field.WHAT)) or Rejectable.CREDENTIALS)
        seen = views.revision_of(form.block_of(Field.WHAT))
        return await self._csm.reject(command, form.text(Field.REASON), what, seen=seen)

    async def assign(self, command: CsmCommand, form: Form) -> Errors:
        return await self._csm.assign(command, form.user(Field.COLLEAGUE))

    async def write(self, command: CsmCommand, form: Form) -> Errors:
        about = replace(command, matter=views.number_in(form.block_of(Field.TEXT)))
        return await self._conversing.write(about, form.text(Field.TEXT))

    async def answered(self, command: CsmCommand, form: Form) -> Errors:
        matters = [int(each) for each in form.options(Field.WHAT) if each.isdecimal()]
        return await self._csm.all_answered(command, matters)

    async def set_account(self, command: CsmCommand, form: Form) -> Errors:
        return await self._csm.set_account(command, form.text(Field.ACCOUNT))

    async def snooze(self, command: CsmCommand, form: Form) -> Errors:
        chosen = form.option(input_action(Field.MARK))
        if chosen == views.UNTIL_DAY:
            return await self._csm.snooze_until(command, form.day(Field.UNTIL))
        return await self._csm.snooze(command, chosen)

    async def mark_replay(self, command: CsmCommand, form: Form) -> Errors:
        chosen = form.option(input_action(Field.MARK))
        if not chosen:
            return (FieldError(Field.MARK, ErrorCode.REQUIRED),)
        if chosen == ReplayMark.SCHEDULED:
            on, ticket = form.day(Field.SCHEDULED_ON), form.text(Field.TICKET)
            return await self._csm.schedule_replay(command, on, ticket)
        return await self._csm.mark_replay(command, chosen)


def _decides(csm: CsmService, decision: Decision) -> Handler:
    """Makes the handler of a button that needs no modal."""

    async def handle(
        ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        try:
            await decision(csm, _command(actor, body["actions"][0]["value"]))
        except Decided:
            await reply(client, respond, decided_message())

    return handle


def _confirms_history(csm: CsmService) -> Handler:
    async def handle(
        ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        tenant_id, integration_id, number = parse_numbered_value(body["actions"][0]["value"])
        try:
            await csm.confirm_history(CsmCommand(actor, tenant_id, integration_id), number)
        except Decided:
            await reply(client, respond, decided_message())

    return handle


def _submits(filled: Filled) -> Handler:
    """Makes the handler of a modal. It shows mistakes beside their fields."""

    async def handle(ack: AsyncAck, actor: Actor, view: Body) -> None:
        value, form = str(view.get("private_metadata") or ""), str(view.get("id") or "")
        try:
            errors = await filled(_command(actor, value, form), Form(view))
        except Decided:
            await ack(response_action="update", view=decided_view())
            return
        if errors:
            await ack(response_action="errors", errors=beside_fields(view, errors))
            return
        await ack()

    return handle


def _command(actor: Actor, value: str, form: str = "") -> CsmCommand:
    """Reads the `value` of a button about a customer. Raises `NotFound` for any other value."""
    return CsmCommand(actor, *parse_about_value(value), form)
