"""The Replay: the request's form, reports on its progress, and its past versions."""

from dataclasses import replace

from slack_bolt.async_app import AsyncAck
from slack_sdk.models.views import View

from bot.handlers.csm import Late, command_of
from bot.handlers.parts import Parts
from bot.ids import (
    Action,
    Callback,
    customer_value,
    input_action,
    numbered_value,
    parse_numbered_value,
    parse_set_up_name,
)
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, pressed_id, previewed, ref_of
from bot.inbound.press import Press
from bot.strings import replay as strings
from bot.views.csm.customer_lines import whose
from bot.views.kit.message import Rendered
from bot.views.kit.text import moment, signed_for_csms, stamp
from bot.views.people.dialogs import decided_view
from bot.views.people.messages import render
from bot.views.people.reminders import blocker_in, chosen_message
from bot.views.replay.dialogs import asked_view, schedule_view, version_buttons, version_view
from flows.errors import Field
from flows.model import Screen
from flows.outbox.bodies import ReplayInstructions
from flows.pasted import visible
from flows.replay.facts import Deletions, Subset
from flows.replay.steps import Mark
from flows.replay.window import EventAnswers, WindowAnswers
from flows.setup.results import Mistakes, ShowStep
from flows.vocabulary import Actor, CallType

_MARKS = {
    Action.REPLAY_SENT: Mark.SENT,
    Action.REPLAY_RUNNING: Mark.RUNNING,
    Action.REPLAY_FINISHED: Mark.FINISHED,
}
# The same in the foot of the window that shows how far the Replay is.
_MARKED_BY = {
    Callback.STATUS_SENT: Mark.SENT,
    Callback.STATUS_RUNNING: Mark.RUNNING,
    Callback.STATUS_FINISHED: Mark.FINISHED,
}
_UNDOES = {
    Action.REPLAY_UNSEND: Mark.SENT,
    Action.REPLAY_NOT_RUNNING: Mark.RUNNING,
    Action.REPLAY_NOT_FINISHED: Mark.FINISHED,
}


def register(app: Table, deps: Parts) -> None:
    form, reports, versions = ReplayForm(deps), Reports(deps), Versions(deps)
    app.action(Action.REPLAY_REVISE)(form.handle_revise)
    app.view(Callback.REPLAY)(form.handle_window)
    app.view(Callback.REPLAY_EVENTS)(form.handle_events)
    app.view(Callback.REPLAY_PREVIEW)(form.handle_preview)
    for action in _MARKS:
        app.action(action)(reports.handle_mark)
    for callback in _MARKED_BY:
        app.view(callback)(reports.handle_status)
    app.view(Callback.STATUS_SCHEDULED)(reports.handle_status_scheduled)
    app.action(Action.REPLAY_FINISH_ANYWAY)(reports.handle_finish_anyway)
    for action in _UNDOES:
        app.action(action)(reports.handle_undo)
    app.action(Action.REPLAY_SCHEDULED)(reports.handle_open_scheduled)
    app.view(Callback.REPLAY_SCHEDULED)(reports.handle_scheduled)
    app.action(Action.REPLAY_ASKED)(reports.handle_open_asked)
    app.view(Callback.REPLAY_ASKED)(reports.handle_asked)
    app.action(Action.REPLAY_VERSION)(versions.handle_version)
    app.action(Action.CSM_REQUEST)(versions.handle_csm_request)


class ReplayForm:
    def __init__(self, deps: Parts) -> None:
        self._replaying = deps.replaying
        self._answers = deps.answers

    async def handle_revise(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Shows the form again."""
        await ack()
        shown = await self._replaying.open_replay(actor, press.ref, revise=True)
        await press.here(self._answers.view(shown))

    async def handle_window(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        form = Form(view)
        days = form.option(input_action(Field.RETENTION))
        answers = WindowAnswers(
            start=form.midnight(Field.START),
            end=form.moment(Field.END),
            choice=Subset(form.option(input_action(Field.EVENTS)) or Subset.ALL),
            retention_days=int(days) if days else None,
            deletions=Deletions(form.option(input_action(Field.DELETIONS)) or Deletions.NOT_ASKED),
        )
        result = await self._replaying.draft_window(actor, ref_of(view), answers)
        await self._answers.submission(ack, view, result, Screen.REPLAY)

    async def handle_events(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        form = Form(view)
        typed = visible(form.text(Field.EVENT_NAMES)).splitlines()
        answers = EventAnswers(
            call_types=tuple(CallType(value) for value in form.options(Field.CALL_TYPES)),
            names=(*form.options(Field.PICKED_NAMES), *typed),
        )
        result = await self._replaying.choose_events(actor, ref_of(view), answers)
        await self._answers.submission(ack, view, result, Screen.REPLAY_EVENTS)

    async def handle_preview(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        result = await self._replaying.request_replay(actor, ref_of(view), previewed(view))
        await self._answers.submission(ack, view, result, Screen.REPLAY_PREVIEW)


class Reports:
    """Reports by buttons, in the modal or under the message with the text to send."""

    def __init__(self, deps: Parts) -> None:
        self._submitting = deps.submitting
        self._following = deps.following
        self._answers = deps.answers

    async def handle_mark(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        mark = _MARKS[Action(pressed_id(press.body))]
        number = _number_in(press)
        if press.modal:
            result = await self._following.mark(actor, ref_of(press.modal), mark, number=number)
            await press.update(self._answers.view(result))
            return
        ref = press.ref
        situation = await self._submitting.situation(actor, Screen.REPLAY_STATUS, ref)
        ref = replace(ref, integration_id=situation.integration.id)
        result = await self._following.mark(actor, ref, mark, number=number)
        if result.warnings:  # ask first whether the Replay really has finished
            await press.open(self._answers.view(result))
        else:
            await press.redraw(_pressed_message(press, result, number))

    async def handle_status(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        mark, number = _MARKED_BY[Callback(view["callback_id"])], int(previewed(view))
        result = await self._following.mark(actor, ref_of(view), mark, number=number)
        await self._answers.submission(ack, view, result)

    async def handle_status_scheduled(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        found = await self._following.unscheduled(actor, ref_of(view))
        if isinstance(found, ShowStep):
            await self._answers.submission(ack, view, found)
        else:
            asks = schedule_view(found, int(previewed(view)))
            await ack(response_action="push", view=asks)

    async def handle_finish_anyway(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        ref, number = ref_of(press.view), _number_in(press)
        result = await self._following.mark(actor, ref, Mark.FINISHED, number=number, anyway=True)
        await press.update(self._answers.view(result))

    async def handle_undo(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        ref, number = press.ref, _number_in(press)
        mark = _UNDOES[Action(pressed_id(press.body))]
        result = await self._following.undo(actor, ref, mark, number)
        if result.notice or press.modal:
            await press.here(self._answers.view(result))
        else:
            await press.redraw(_pressed_message(press, result, number))

    async def handle_open_scheduled(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        found = await self._following.unscheduled(actor, press.ref)
        if isinstance(found, ShowStep):
            await press.here(self._answers.view(found))
        else:
            await press.over(schedule_view(found, _number_in(press)))

    async def handle_scheduled(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        view, form = press.view, Form(press.view)
        on, ticket = form.day(Field.SCHEDULED_ON), form.text(Field.TICKET)
        number = form.number_of(Field.SCHEDULED_ON, int)
        no_day = bool(form.options(Field.NO_DAY))
        result = await self._following.schedule(
            actor, ref_of(view), on, ticket, number, no_day=no_day
        )
        if isinstance(result, Mistakes) or result.notice:
            await self._answers.submission(ack, view, result)
            return
        await ack()
        if view["root_view_id"] != view["id"]:
            await press.update(self._answers.view(result), view["root_view_id"])

    async def handle_open_asked(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        situation = await self._submitting.situation(actor, Screen.REPLAY_STATUS, press.ref)
        await press.over(asked_view(situation.integration, _number_in(press)))

    async def handle_asked(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        form = Form(view)
        note, number = form.text(Field.NOTE), form.number_of(Field.NOTE, int)
        result = await self._following.pass_on(actor, ref_of(view), note, number)
        await self._answers.submission(ack, view, result)


class Versions:
    """Shows the exact text of each version, to the customer and to CSMs."""

    def __init__(self, deps: Parts) -> None:
        self._following = deps.following
        self._answers = deps.answers
        self._late = Late(deps)
        self._csm = deps.csm.deciding

    async def handle_version(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        ref, number = press.ref, int(press.value)
        found = await self._following.version(actor, ref, number)
        others = version_buttons(
            Action.REPLAY_VERSION, [(each, str(each)) for each in found.numbers], number
        )
        who = strings.VERSION_BY.format(who=stamp(found.request.requested))
        metadata = str(press.modal.get("private_metadata") or "")
        view = version_view(
            found.request, found.numbers, who, others, found.past, metadata=metadata
        )
        await self._show(press, view)

    async def handle_csm_request(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        value = press.value
        command = command_of(actor, value)
        looked = await self._csm.look(command)
        about = [whose(looked)]
        if why := await self._late.gone(command, looked):
            await self._show(press, decided_view(why, about=about))
            return
        tenant_id, set_up, number = parse_numbered_value(value)
        named = parse_set_up_name(set_up)
        found = await self._following.for_csm(actor, tenant_id, named, number)
        customer = customer_value(tenant_id, set_up)
        values = [(each, numbered_value(customer, each)) for each in found.numbers]
        others = version_buttons(Action.CSM_REQUEST, values, number)
        when = strings.VERSION_WHEN.format(when=moment(found.request.requested.at))
        past, sign = found.past, signed_for_csms
        view = version_view(found.request, found.numbers, when, others, past, sign, about=about)
        await self._show(press, view)

    async def _show(self, press: Press, view: View) -> None:
        """Shows it in place of the open version, else on top."""
        if press.modal.get("callback_id") == Callback.REPLAY_VERSION:
            await press.update(view)
        else:
            await press.over(view)


def _number_in(press: Press) -> int | None:
    """The request that the button is about. Earlier versions drew some without."""
    value = press.value
    return int(value) if value.isdecimal() else None


def _pressed_message(press: Press, result: ShowStep, number: int | None) -> Rendered:
    """The message that was pressed, in its new state: a reminder, or the one with the text."""
    if blocker := blocker_in(press.blocks):
        return chosen_message(blocker, result.situation)
    return render(ReplayInstructions(number or 0), result.situation)
