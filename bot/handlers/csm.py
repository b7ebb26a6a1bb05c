"""Buttons on cards, in their threads, on the board and in the digest."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from slack_bolt.async_app import AsyncAck
from slack_sdk.models.views import View

from bot.handlers.parts import Parts
from bot.ids import (
    Action,
    More,
    N,
    Unit,
    customer_value,
    parse_about_value,
    parse_more_value,
    parse_set_up_name,
    set_up_name,
)
from bot.inbound.dispatch import Table
from bot.inbound.press import Press
from bot.strings.digest import OVER
from bot.views.csm import modals as views
from bot.views.csm.buttons import OPEN_WHILE
from bot.views.csm.customer_lines import whose
from bot.views.csm.questions import answered_view
from bot.views.csm.thread import happened_words, replaced_words
from bot.views.people.dialogs import decided_view
from bot.views.people.history_lines import people_in
from bot.views.people.status import decided_message
from flows.csm.deciding import CsmCommand, Looked
from flows.csm.facts import ASKED
from flows.csm.meanwhile import DISCONNECTION, Touches, nothing
from flows.csm.needs import Needed, holding, needed, recipient
from flows.csm.refused import Decided, Replaced
from flows.csm.seen import Revision, StampNumber
from flows.csm.steps import confirmable
from flows.errors import NotFound
from flows.model import Situation
from flows.vocabulary import Actor

Handler = Callable[..., Awaitable[None]]
# Its last argument is the number in the button's value, if one is there.
Decides = Callable[[CsmCommand, N | None], Awaitable[object]]
DrawModal = Callable[[Looked, str], View]


def register(app: Table, deps: Parts) -> None:
    buttons = CardButtons(deps)
    app.action(Action.CSM_CONFIRM)(_decides(deps, deps.csm.judging.confirm, Revision))
    app.action(Action.CSM_ARRIVING)(_decides(deps, deps.csm.judging.confirm_arrival, Revision))
    app.action(Action.CSM_HISTORY)(_decides(deps, _numbered(deps.csm.replay.confirm_history), int))
    app.action(Action.CSM_CLAIM)(_decides(deps, deps.csm.owning.claim, StampNumber))
    app.action(Action.CSM_UNCLAIM)(_decides(deps, deps.csm.owning.unclaim, StampNumber))
    app.action(Action.CSM_REJECT)(buttons.opens(views.reject_view))
    app.action(Action.CSM_ASSIGN)(buttons.opens(views.assign_view))
    app.action(Action.CSM_MESSAGE)(buttons.handle_open_message)
    app.action(Action.CSM_ANSWERED)(_decides(deps, _numbered(deps.csm.owning.answered), int))
    app.action(Action.CSM_ANSWER)(buttons.handle_answer)
    app.action(Action.CSM_OPEN_CONFIRM)(buttons.handle_open_confirm)
    app.action(Action.CSM_MORE)(buttons.handle_more)


class CardButtons:
    """Buttons that open a modal about the customer's current state."""

    def __init__(self, deps: Parts) -> None:
        self._csm = deps.csm.deciding
        self._people = deps.people
        self._passing_on = deps.passing_on
        self._late = Late(deps)

    def opens(self, draw: DrawModal) -> Handler:
        async def handle(ack: AsyncAck, actor: Actor, press: Press) -> None:
            await ack()
            await self._open(actor, press, press.value, draw)

        return handle

    async def handle_open_message(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Opens a message, unless a line of the digest asked for one and nobody needs it now."""
        await ack()
        value = press.value
        command = command_of(actor, value)
        looked = await self._csm.look(command)
        if press.is_on_a_line and not _need(looked):
            await self._too_late(command, looked, press)
            return
        await self._open_message(command, looked, about_number(value, int), press)

    async def handle_answer(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Opens an answer to what is most urgent of what people asked, if it is still open."""
        await ack()
        command = command_of(actor, press.value)
        looked = await self._csm.look(command)
        need = _need(looked)
        if need is None or need.need not in ASKED:
            await self._too_late(command, looked, press)
            return
        await self._open_message(command, looked, need.number, press)

    async def _open_message(
        self,
        command: CsmCommand,
        looked: Looked,
        matter: int | None,
        press: Press,
    ) -> None:
        integration = looked.situation.integration
        to = recipient(integration, matter)
        reader = await self._passing_on.stand_in(looked.situation, to)
        names = await self._people.names(command.tenant_id, [to, reader or ""])
        value = customer_value(command.tenant_id, set_up_name(integration))
        await press.over(views.message_view(looked, value, names, matter, reader))

    async def handle_open_confirm(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Opens the question for what waits for a CSM's word now."""
        await ack()
        command = command_of(actor, press.value)
        looked = await self._csm.look(command)
        if confirmable(looked.situation) is None:
            await self._too_late(command, looked, press)
            return
        value = customer_value(command.tenant_id, set_up_name(looked.situation.integration))
        await press.over(views.confirm_view(looked, value))

    async def _too_late(
        self,
        command: CsmCommand,
        looked: Looked,
        press: Press,
        other: Looked | None = None,
    ) -> None:
        """Says what happened meanwhile: in a window over the board, else where it was pressed."""
        integration = looked.situation.integration
        touches = DISCONNECTION(integration) if integration.disconnected else nothing
        why = await self._late.why(command, touches, other)
        if press.view:
            await press.over(decided_view(why, about=[whose(looked)]))
        else:
            await press.tell(decided_message(why))
            await press.take_button_off(OVER.format(why=why))

    async def handle_more(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        more, value = parse_more_value(press.chosen)
        if more is More.ANSWERED:
            await self._open_answered(actor, press, value)
            return
        await self._open(actor, press, value, _MODALS[more])

    async def _open_answered(self, actor: Actor, press: Press, value: str) -> None:
        command = command_of(actor, value)
        looked = await self._csm.look(command)
        open_matters = looked.situation.integration.csm.open_matters
        if not open_matters:
            await self._too_late(command, looked, press)
            return
        names = await self._people.names(command.tenant_id, [each.by for each in open_matters])
        await press.open(answered_view(looked, value, names))

    async def _open(self, actor: Actor, press: Press, value: str, draw: DrawModal) -> None:
        """Opens a modal, unless what it asks for has become impossible since the card was drawn."""
        command = command_of(actor, value)
        looked = await self._csm.look(command)
        if is_possible := _WHILE.get(draw):
            if command.names_another(looked.situation.integration):
                await self._too_late(command, looked, press, looked)
                return
            if not is_possible(looked.situation):
                await self._too_late(command, looked, press)
                return
        await press.open(draw(looked, value))


_MODALS: Mapping[More, DrawModal] = {
    More.ACCOUNT: views.account_view,
    More.SNOOZE: views.csm_snooze_view,
    More.REPLAY: views.replay_mark_view,
    More.REJECT: views.reject_view,
}
# What is about one set-up, and while it is possible.
_WHILE: Mapping[DrawModal, Callable[[Situation], object]] = {
    _MODALS[more]: OPEN_WHILE[more] for more in (More.SNOOZE, More.REPLAY, More.REJECT)
}


def _need(looked: Looked) -> Needed | None:
    return needed(looked.situation.integration, holding(looked.situation))


class Late:
    """Says to a CSM who came too late what happened meanwhile, and by whom."""

    def __init__(self, deps: Parts) -> None:
        self._csm = deps.csm.deciding
        self._people = deps.people

    async def why(self, command: CsmCommand, touches: Touches, other: Looked | None = None) -> str:
        """`touches` tells which words may have come first. `other` is the set-up that has taken the
        place of the one that was named.
        """
        if other:
            integration = other.situation.integration
            stamps = (integration.started, integration.left_before)
            names = await self._named(command, [each.by for each in stamps if each])
            return replaced_words(integration, names)
        word = await self._csm.happened(command, touches)
        if word is None:
            return ""
        theirs, ours = people_in(word.event)
        return happened_words(word, await self._named(command, [*theirs, *ours]))

    async def gone(self, command: CsmCommand, looked: Looked) -> str:
        """What has become of the set-up that the command names; nothing while it goes on."""
        integration = looked.situation.integration
        if command.names_another(integration):
            return await self.why(command, nothing, looked)
        if integration.disconnected:
            return await self.why(command, DISCONNECTION(integration))
        return ""

    async def refused(self, command: CsmCommand, error: Decided) -> tuple[str, Looked]:
        looked = await self._csm.look(command)
        replaced = looked if isinstance(error, Replaced) else None
        return await self.why(command, error.touches, replaced), looked

    async def _named(self, command: CsmCommand, people: Sequence[str]) -> Mapping[str, str]:
        wanted = [each for each in people if each]
        ours = await self._people.names(command.csm.tenant_id, wanted)
        return {**ours, **await self._people.names(command.tenant_id, wanted)}


def _decides(deps: Parts, decision: Decides[N], unit: Unit[N]) -> Handler:
    """Makes the handler of a button that needs no modal. `unit` is that of its number."""
    late = Late(deps)

    async def handle(ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        value = press.value
        command = command_of(actor, value)
        try:
            await decision(command, about_number(value, unit))
        except Decided as error:
            why, _ = await late.refused(command, error)
            await press.tell(decided_message(why))
            await press.take_button_off(OVER.format(why=why))

    return handle


def _numbered(decision: Callable[[CsmCommand, int], Awaitable[object]]) -> Decides[int]:
    """A decision about the matter or request with this number. Raises `NotFound` without one."""

    def decide(command: CsmCommand, number: int | None) -> Awaitable[object]:
        if number is None:
            raise NotFound("number")
        return decision(command, number)

    return decide


def command_of(actor: Actor, value: str, form: str = "") -> CsmCommand:
    """Reads the `value` of a button about a customer. Raises `NotFound` for any other value."""
    tenant_id, name, _ = parse_about_value(value)
    integration_id, generation = parse_set_up_name(name)
    return CsmCommand(actor, tenant_id, integration_id, form, generation)


def about_number(value: str, unit: Unit[N]) -> N | None:
    """The number of what the button is about: of a matter, of a request, or of what it showed."""
    number = parse_about_value(value)[2]
    return None if number is None else unit(number)
