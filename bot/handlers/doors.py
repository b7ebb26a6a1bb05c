"""The ways in: slash commands, the global shortcut, and buttons that open the set-up."""

from contextlib import suppress

from slack_bolt.async_app import AsyncAck

from bot.handlers.parts import Parts
from bot.ids import Action, Beginning, Command, Shortcut
from bot.inbound.dispatch import Table
from bot.inbound.press import Press
from bot.outbound.channel_watch import place_of
from bot.views.csm.messages import invited_message, no_invitation_message, not_invited_message
from bot.views.kit.message import Rendered
from bot.views.people.dialogs import disconnect_view
from bot.views.people.status import (
    csm_bound_message,
    csm_channel_set_message,
    csm_help_message,
    csm_not_bound_message,
    help_message,
    nothing_to_disconnect_message,
    token_in_command_message,
    token_of_outsider_message,
    unknown_command_message,
)
from flows.csm.board import MAX_SEARCH, MINE, Filters
from flows.csm.facts import Place
from flows.csm.inviting import Invited
from flows.csm.paging import FIRST
from flows.errors import DirectoryUnavailable, FlowError
from flows.model import Screen
from flows.pasted import bare, name
from flows.secret_shapes import looks_secret
from flows.setup.permissions import NotMember, Wide
from flows.setup.results import ShowProgress, ShowStep
from flows.vocabulary import Actor


def register(app: Table, deps: Parts) -> None:
    handlers = Doors(deps)
    app.command(Command.SEGMENT)(handlers.handle_segment)
    app.command(Command.SEGMENT_CSM)(handlers.handle_segment_csm)
    app.shortcut(Shortcut.CONNECT_SEGMENT)(handlers.handle_shortcut)
    app.action(Action.START)(handlers.handle_start)
    app.action(Action.OPEN_SETUP)(handlers.handle_open_setup)
    app.action(Action.OPEN_SCREEN)(handlers.handle_open_screen)
    app.action(Action.OPEN_LINK)(handlers.handle_open_link)


class Doors:
    def __init__(self, deps: Parts) -> None:
        self._deps = deps

    async def handle_segment(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        words = str(press.body.get("text") or "").strip()
        if words and looks_secret(words):
            await _say(ack, await self._token_warning(actor))
            return
        match bare(words).casefold() if words else "":
            case "":
                result = await self._deps.setup.start(actor)
                await self._open(ack, actor, press, result)
            case "status":
                situation, onlooker = await self._deps.submitting.standing(actor)
                await ack(self._deps.answers.at_rest.status(situation, onlooker))
            case "replay":
                shown = await self._deps.replaying.come_for_replay(actor)
                await ack()
                await press.open(self._deps.answers.view(shown))
            case "disconnect":
                await self._disconnect(ack, actor, press)
            case "help":
                await self._say_to_member(ack, actor, help_message())
            case _:
                await self._say_to_member(ack, actor, unknown_command_message())

    async def _token_warning(self, actor: Actor) -> Rendered:
        """It is for everybody. Whoever may open the set-up has a button for that."""
        try:
            return token_in_command_message(await self._deps.submitting.look(actor))
        except NotMember:
            return token_of_outsider_message()
        except FlowError:
            return token_in_command_message()

    async def _say_to_member(self, ack: AsyncAck, actor: Actor, rendered: Rendered) -> None:
        """A guest may do nothing of what it lists. While Slack says of nobody who they are, it is
        for everybody: it tells nothing of the set-up.
        """
        with suppress(DirectoryUnavailable):
            await self._deps.members.require(actor)
        await _say(ack, rendered)

    async def _open(
        self,
        ack: AsyncAck,
        actor: Actor,
        press: Press,
        result: ShowStep | ShowProgress,
    ) -> None:
        await ack()
        await press.open(self._deps.answers.view(result))
        await self._deps.setup.seen(actor, result)

    async def _disconnect(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        situation = await self._deps.submitting.look(actor)
        if situation is None or situation.integration.empty:
            await _say(ack, nothing_to_disconnect_message(situation))
            return
        situation = await self._deps.submitting.situation(actor, Wide.MANAGE, None)
        await ack()
        await press.open(disconnect_view(situation))

    async def handle_segment_csm(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        words = name(str(press.body.get("text") or ""))
        if looks_secret(words):
            await _say(ack, await self._token_warning(actor))
            return
        await self._deps.csms.require(actor)
        word, _, rest = words.partition(" ")
        match bare(word).casefold(), rest.strip():
            case "", _:
                await self._open_board(ack, actor, press, Filters())
            case "mine", "":
                await self._open_board(ack, actor, press, Filters(owner=MINE))
            case "find", text:
                filters = Filters(text=text[:MAX_SEARCH])
                await self._open_board(ack, actor, press, filters)
            case "here", "":
                await self._bind(ack, actor, press)
            case "invite", account if account:
                await self._invite(ack, actor, account)
            case _:
                await _say(ack, csm_help_message())

    async def _open_board(
        self,
        ack: AsyncAck,
        actor: Actor,
        press: Press,
        filters: Filters,
    ) -> None:
        view = await self._deps.screens.modal(actor, filters, FIRST, "")
        await ack()
        await press.open(view)

    async def _bind(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Binds the channel, unless others read it, or the settings name another."""
        channel_id = press.body["channel_id"]
        if self._deps.csm_channel_id not in ("", channel_id):
            await _say(ack, csm_channel_set_message(self._deps.csm_channel_id))
            return
        place = await place_of(press.client, channel_id)
        if place is not Place.OWN:
            await _say(ack, csm_not_bound_message(place))
            return
        await self._deps.csm.channel.bind(actor, channel_id)
        await _say(ack, csm_bound_message(channel_id))

    async def _invite(self, ack: AsyncAck, actor: Actor, account: str) -> None:
        """Answers with a link to install the app, unless this app has one workspace alone."""
        if not self._deps.install_address:
            await _say(ack, no_invitation_message())
            return
        invited = await self._deps.inviting.invite(actor, account)
        if isinstance(invited, Invited):
            await _say(ack, invited_message(invited, self._deps.install_address))
        else:
            await _say(ack, not_invited_message(invited[0]))

    async def handle_shortcut(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        result = await self._deps.setup.start(actor)
        await self._open(ack, actor, press, result)

    async def handle_start(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        again = press.value == Beginning.AGAIN
        result = await self._deps.setup.start(actor, again=again)
        await ack()
        await press.here(self._deps.answers.view(result))
        await self._deps.setup.seen(actor, result)

    async def handle_open_setup(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        result = await self._deps.setup.resume(actor, press.ref)
        await self._open(ack, actor, press, result)

    async def handle_open_screen(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        shown = await self._deps.setup.show(actor, press.ref, Screen(press.value))
        await press.open(self._deps.answers.view(shown))
        await self._deps.setup.seen(actor, shown)

    async def handle_open_link(self, ack: AsyncAck) -> None:
        await ack()


async def _say(ack: AsyncAck, rendered: Rendered) -> None:
    await ack(text=rendered.text, blocks=rendered.blocks, response_type="ephemeral")
