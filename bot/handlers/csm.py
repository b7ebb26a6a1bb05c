"""Buttons on the cards in the CSM channel, and the modals that they open."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.handlers.parts import Parts
from bot.ids import Action, Callback, More, input_action, parse_customer_value, parse_more_value
from bot.inbound.answers import beside_fields, reply
from bot.inbound.forms import Form
from bot.views.csm import modals as views
from bot.views.people.dialogs import decided_view
from bot.views.people.status import decided_message
from flows.csm.caring import Errors, ReplayMark
from flows.csm.facts import Rejectable
from flows.csm.review_steps import rejectable
from flows.csm.service import Decided
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Situation
from flows.vocabulary import Actor

Body = Mapping[str, Any]
Decision = Callable[[Actor, str, str], Awaitable[None]]
Filled = Callable[[Actor, str, str, Form], Awaitable[Errors]]
Draw = Callable[[Situation, str], View]


def register(app: AsyncApp, deps: Parts) -> None:
    buttons, modals = CardButtons(deps), CardModals(deps)
    app.action(Action.CSM_CONFIRM)(buttons.handle_confirm)
    app.action(Action.CSM_ARRIVING)(buttons.handle_arriving)
    app.action(Action.CSM_CLAIM)(buttons.handle_claim)
    app.action(Action.CSM_UNCLAIM)(buttons.handle_unclaim)
    app.action(Action.CSM_REJECT)(buttons.handle_open_reject)
    app.action(Action.CSM_HAND_OVER)(buttons.handle_open_hand_over)
    app.action(Action.CSM_MESSAGE)(buttons.handle_open_message)
    app.action(Action.CSM_MORE)(buttons.handle_more)
    app.view(Callback.REJECT)(modals.handle_reject)
    app.view(Callback.CSM_HAND_OVER)(modals.handle_hand_over)
    app.view(Callback.CSM_MESSAGE)(modals.handle_message)
    app.view(Callback.CSM_ACCOUNT)(modals.handle_account)
    app.view(Callback.CSM_SNOOZE)(modals.handle_snooze)
    app.view(Callback.CSM_REPLAY)(modals.handle_replay)


class CardButtons:
    """Some decide at once, the others open a modal about the customer as it is now."""

    def __init__(self, deps: Parts) -> None:
        self._reviewing = deps.reviewing
        self._caring = deps.caring
        self._answers = deps.answers
        self._names = deps.names

    async def handle_confirm(
        self, ack: AsyncAck, body: Body, actor: Actor, respond: AsyncRespond
    ) -> None:
        await ack()
        await self._decide(self._reviewing.confirm, body, actor, respond)

    async def handle_arriving(
        self, ack: AsyncAck, body: Body, actor: Actor, respond: AsyncRespond
    ) -> None:
        await ack()
        await self._decide(self._reviewing.confirm_arrival, body, actor, respond)

    async def handle_claim(
        self, ack: AsyncAck, body: Body, actor: Actor, respond: AsyncRespond
    ) -> None:
        await ack()
        await self._decide(self._caring.claim, body, actor, respond)

    async def handle_unclaim(
        self, ack: AsyncAck, body: Body, actor: Actor, respond: AsyncRespond
    ) -> None:
        await ack()
        await self._decide(self._caring.unclaim, body, actor, respond)

    async def _decide(
        self, decision: Decision, body: Body, actor: Actor, respond: AsyncRespond, value: str = ""
    ) -> None:
        customer = parse_customer_value(value or body["actions"][0]["value"])
        try:
            await decision(actor, *customer)
        except Decided:
            await reply(respond, decided_message())

    async def handle_open_reject(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        await self._open(
            body["actions"][0]["value"], body, actor, client, respond, views.reject_view
        )

    async def handle_open_hand_over(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        value = body["actions"][0]["value"]
        await self._open(
            value, body, actor, client, respond, lambda _, of: views.hand_over_view(of)
        )

    async def handle_open_message(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        value = body["actions"][0]["value"]
        tenant_id, integration_id = parse_customer_value(value)
        situation = await self._caring.look(actor, tenant_id, integration_id)
        names = await self._names.of_contact(tenant_id, situation)
        view = views.message_view(situation, value, names)
        await self._answers.open(client, respond, body, view)

    async def handle_more(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        more, value = parse_more_value(body["actions"][0]["selected_option"]["value"])
        if more is More.ANSWERED:
            await self._decide(self._caring.answered, body, actor, respond, value)
            return
        await self._open(value, body, actor, client, respond, _MODALS[more])

    async def _open(
        self,
        value: str,
        body: Body,
        actor: Actor,
        client: AsyncWebClient,
        respond: AsyncRespond,
        draw: Draw,
    ) -> None:
        """What is not possible any more, since the card was drawn, opens nothing."""
        customer = parse_customer_value(value)
        situation = await self._caring.look(actor, *customer)
        if draw in _NEEDS and not _NEEDS[draw](situation):
            await reply(respond, decided_message())
            return
        await self._answers.open(client, respond, body, draw(situation, value))


_MODALS: Mapping[More, Draw] = {
    More.ACCOUNT: views.account_view,
    More.SNOOZE: views.csm_snooze_view,
    More.REPLAY: views.replay_mark_view,
    More.REJECT: views.reject_view,
}
_NEEDS: Mapping[Draw, Callable[[Situation], object]] = {
    views.replay_mark_view: lambda situation: views.replay_marks(situation.integration),
    views.reject_view: lambda situation: rejectable(situation.integration),
}


class CardModals:
    """What was filled in: mistakes stand beside their fields."""

    def __init__(self, deps: Parts) -> None:
        self._reviewing = deps.reviewing
        self._caring = deps.caring
        self._conversing = deps.conversing

    async def handle_reject(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        async def reject(actor: Actor, tenant_id: str, integration_id: str, form: Form) -> Errors:
            what = Rejectable(form.option(input_action(Field.WHAT)) or Rejectable.CREDENTIALS)
            seen = views.revision_of(form.block_of(Field.WHAT))
            reason = form.text(Field.REASON)
            return await self._reviewing.reject(
                actor, tenant_id, integration_id, reason, what, seen=seen
            )

        await _submit(ack, actor, view, reject)

    async def handle_hand_over(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        async def hand_over(
            actor: Actor, tenant_id: str, integration_id: str, form: Form
        ) -> Errors:
            to = form.user(Field.COLLEAGUE)
            return await self._caring.hand_over(actor, tenant_id, integration_id, to)

        await _submit(ack, actor, view, hand_over)

    async def handle_message(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        async def write(actor: Actor, tenant_id: str, integration_id: str, form: Form) -> Errors:
            return await self._conversing.write(
                actor,
                tenant_id,
                integration_id,
                form.text(Field.TEXT),
                form=str(view.get("id") or ""),
            )

        await _submit(ack, actor, view, write)

    async def handle_account(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        async def set_account(
            actor: Actor, tenant_id: str, integration_id: str, form: Form
        ) -> Errors:
            account = form.text(Field.ACCOUNT)
            return await self._caring.set_account(actor, tenant_id, integration_id, account)

        await _submit(ack, actor, view, set_account)

    async def handle_snooze(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        async def snooze(actor: Actor, tenant_id: str, integration_id: str, form: Form) -> Errors:
            chosen, caring = form.option(input_action(Field.MARK)), self._caring
            if chosen == views.UNTIL_DAY:
                day = form.day(Field.UNTIL)
                return await caring.snooze_until(actor, tenant_id, integration_id, day)
            return await caring.snooze(actor, tenant_id, integration_id, chosen)

        await _submit(ack, actor, view, snooze)

    async def handle_replay(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        async def mark(actor: Actor, tenant_id: str, integration_id: str, form: Form) -> Errors:
            chosen, caring = form.option(input_action(Field.MARK)), self._caring
            if not chosen:
                return (FieldError(Field.MARK, ErrorCode.REQUIRED),)
            if chosen == ReplayMark.SCHEDULED:
                on, ticket = form.day(Field.SCHEDULED_ON), form.text(Field.TICKET)
                return await caring.schedule_replay(actor, tenant_id, integration_id, on, ticket)
            return await caring.mark_replay(actor, tenant_id, integration_id, chosen)

        await _submit(ack, actor, view, mark)


async def _submit(ack: AsyncAck, actor: Actor, view: Body, filled: Filled) -> None:
    customer = parse_customer_value(str(view.get("private_metadata") or ""))
    try:
        errors = await filled(actor, *customer, Form(view))
    except Decided:
        await ack(response_action="update", view=decided_view())
        return
    if errors:
        await ack(response_action="errors", errors=beside_fields(view, errors))
        return
    await ack()
