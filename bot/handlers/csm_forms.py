"""The windows that CSMs fill in about one customer."""

from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncAck

from bot.handlers.csm import Late, command_of
from bot.handlers.parts import Parts
from bot.ids import Callback, input_action
from bot.inbound.answers import beside_fields
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, words_of
from bot.views.csm import modals as views
from bot.views.csm.customer_lines import whose
from bot.views.people.dialogs import decided_view
from flows.csm.deciding import CsmCommand, Errors
from flows.csm.facts import Rejectable
from flows.csm.marks import ReplayMark
from flows.csm.refused import Decided
from flows.csm.seen import Revision, StampNumber
from flows.csm.steps import Confirmable
from flows.errors import ErrorCode, Field, FieldError, NotFound
from flows.vocabulary import Actor

Handler = Callable[..., Awaitable[None]]
Filled = Callable[[CsmCommand, Form], Awaitable[Errors]]


def register(app: Table, deps: Parts) -> None:
    modals = CardModals(deps)
    app.view(Callback.REJECT)(_submits(deps, modals.reject))
    app.view(Callback.CSM_ASSIGN)(_submits(deps, modals.assign))
    app.view(Callback.CSM_MESSAGE)(_submits(deps, modals.write))
    app.view(Callback.CSM_ANSWERED)(_submits(deps, modals.answered))
    app.view(Callback.CSM_CONFIRM)(_submits(deps, modals.confirm))
    app.view(Callback.CSM_ACCOUNT)(_submits(deps, modals.set_account))
    app.view(Callback.CSM_SNOOZE)(_submits(deps, modals.snooze))
    app.view(Callback.CSM_REPLAY)(_submits(deps, modals.mark_replay))


class CardModals:
    """Submissions of the modals."""

    def __init__(self, deps: Parts) -> None:
        self._csm = deps.csm
        self._conversing = deps.conversing

    async def reject(self, command: CsmCommand, form: Form) -> Errors:
        what = Rejectable(form.option(input_action(Field.WHAT)) or Rejectable.CREDENTIALS)
        if (seen := form.number_of(Field.WHAT, Revision)) is None:
            raise NotFound("revision")
        return await self._csm.judging.reject(command, form.text(Field.REASON), what, seen=seen)

    async def assign(self, command: CsmCommand, form: Form) -> Errors:
        to, seen = form.user(Field.COLLEAGUE), form.number_of(Field.COLLEAGUE, StampNumber)
        return await self._csm.owning.assign(command, to, seen)

    async def write(self, command: CsmCommand, form: Form) -> Errors:
        text, matter = form.text(Field.TEXT), form.number_of(Field.TEXT, int)
        to, seen = form.asked, form.shown(StampNumber)
        return await self._conversing.write(command, text, matter=matter, to=to, seen=seen)

    async def answered(self, command: CsmCommand, form: Form) -> Errors:
        matters = [int(each) for each in form.options(Field.WHAT) if each.isdecimal()]
        return await self._csm.owning.answered(command, *matters)

    async def confirm(self, command: CsmCommand, form: Form) -> Errors:
        what, number = views.confirms(form.asked)
        match what:
            case Confirmable.CREDENTIALS:
                await self._csm.judging.confirm(command, Revision(number))
            case Confirmable.ARRIVAL:
                await self._csm.judging.confirm_arrival(command, Revision(number))
            case Confirmable.HISTORY:
                await self._csm.replay.confirm_history(command, number)
        return ()

    async def set_account(self, command: CsmCommand, form: Form) -> Errors:
        seen = form.number_of(Field.ACCOUNT, StampNumber)
        return await self._csm.owning.set_account(command, form.text(Field.ACCOUNT), seen)

    async def snooze(self, command: CsmCommand, form: Form) -> Errors:
        chosen = form.option(input_action(Field.MARK))
        if chosen == views.UNTIL_DAY:
            return await self._csm.owning.snooze_until(command, form.day(Field.UNTIL))
        return await self._csm.owning.snooze(command, chosen)

    async def mark_replay(self, command: CsmCommand, form: Form) -> Errors:
        chosen = form.option(input_action(Field.MARK))
        if not chosen:
            return (FieldError(Field.MARK, ErrorCode.REQUIRED),)
        seen = views.requests_in(form.block_of(Field.MARK))
        if chosen in (ReplayMark.SCHEDULED, ReplayMark.NO_DAY):
            no_day, ticket = chosen == ReplayMark.NO_DAY, form.text(Field.TICKET)
            on = None if no_day else form.day(Field.SCHEDULED_ON)
            return await self._csm.replay.schedule_replay(command, on, ticket, seen, no_day=no_day)
        return await self._csm.replay.mark_replay(command, chosen, seen)


def _submits(deps: Parts, filled: Filled) -> Handler:
    """Makes the handler of a modal. It shows mistakes beside their fields."""
    late = Late(deps)

    async def handle(ack: AsyncAck, actor: Actor, view: Body) -> None:
        value, form = str(view.get("private_metadata") or ""), str(view.get("id") or "")
        command = command_of(actor, value, form)
        try:
            errors = await filled(command, Form(view))
        except Decided as error:
            why, looked = await late.refused(command, error)
            view_after = decided_view(why, words_of(view), [whose(looked)])
            await deps.answers.replace(ack, view, view_after)
            return
        if errors:
            await ack(response_action="errors", errors=beside_fields(view, errors))
        elif view.get("previous_view_id"):  # it lay on the board
            after = views.saved_view(await deps.csm.deciding.look(command))
            await deps.answers.replace(ack, view, after)
        else:
            await ack()

    return handle
