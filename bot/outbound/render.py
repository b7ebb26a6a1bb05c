"""Turns each kind of stored message into calls to Slack, using the newest state."""

from contextlib import suppress
from datetime import datetime

from bot.outbound.calls import Outgoing
from bot.outbound.channel import ChannelSender
from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.digest import DigestSender
from bot.outbound.errors import ErrorClass, tolerated
from bot.outbound.for_reader import for_reader
from bot.outbound.home import Homes
from bot.outbound.once import ClaimedMessage, Posting
from bot.outbound.places import Places
from bot.outbound.windows import Windows
from bot.outbound.written_to import answer
from bot.views.csm.messages import Talk, channel_message
from bot.views.kit.message import Rendered
from bot.views.people.managing import kept_from_reader
from bot.views.people.writing import render_nowhere
from flows.csm.digest import CONVERSATION
from flows.errors import DirectoryUnavailable, RowUnreadable
from flows.model import Situation
from flows.outbox.bodies import (
    AboutChannel,
    CheckDone,
    CsmMessage,
    DrawCard,
    DrawHome,
    DrawWindow,
    Farewell,
    FirstData,
    HelpReceived,
    Hint,
    IncidentNews,
    PassOn,
    Personal,
    RecoveryNews,
    Redraw,
    Reminder,
    ThreadLine,
    TokenWarning,
    Welcome,
)
from flows.outbox.messages import Message, Placed, StoredMessage, UnreadableBody
from flows.outbox.toplyne_bodies import CustomerLeft, DigestPicture, MorningDigest
from flows.ports import RateGates
from flows.recording import Also, Recorder
from flows.reminders.readers import PassingOn, only_informs
from flows.reminders.steps import may_remind, ran_out, take_back, undelivered
from flows.setup.leaving import as_left
from flows.setup.permissions import Members
from flows.setup.results import Notice

# News that nobody waits for.
UNASKED = (IncidentNews, RecoveryNews)
CAN_PASS_ON = (Reminder, *UNASKED)  # to the next person if Slack refuses it for its reader
# About the customer, whatever is set up. All else is about the set-up in which it was written, and
# says nothing any more once that was disconnected.
OF_CUSTOMER = (CsmMessage, Farewell, HelpReceived, TokenWarning, Hint, PassOn)
OF_WATCHING = (*UNASKED, FirstData)  # not sent once the customer has disconnected


class Undeliverable(Exception):
    """Slack will never take this message. The reason is a name without secrets."""


class Sender:
    """Renders a message when it is sent, so that it says what is true then."""

    def __init__(
        self,
        recorder: Recorder,
        installations: InstallationLookup,
        clients: SlackClients,
        gates: RateGates,
        channel_sender: ChannelSender,
        windows: Windows,
        passing_on: PassingOn,
        members: Members,
        places: Places,
        homes: Homes,
        digests: DigestSender,
    ) -> None:
        self._recorder = recorder
        self._installations = installations
        self._clients = clients
        self._gates = gates
        self._channel_sender = channel_sender
        self._windows = windows
        self._homes = homes
        self._digests = digests
        self._passing_on = passing_on
        self._members = members
        self._places = places
        self._posting = Posting()

    async def send(self, claimed: ClaimedMessage, until: datetime) -> tuple[str, str]:
        """Sends one message and returns its channel and timestamp, both empty if it has none.

        Raises `Later`, `Revoked`, `ChannelUnknown`, `Undeliverable`, `NotFound`, `RowUnreadable`,
        `TimeoutError`, and what the Slack client raises.
        """
        stored = claimed.stored
        body = stored.message.body
        match body:
            case UnreadableBody():
                raise RowUnreadable(body.kind)
            case MorningDigest() | DigestPicture():
                return await self._digests.send(stored.tenant_id, body, until)
            case Redraw(of=key) if stored.message.conversation == CONVERSATION:
                return await self._digests.end(stored.tenant_id, key, until)
            case DrawCard():
                card = await self._channel_sender.send(stored, until)
                with suppress(DirectoryUnavailable):  # the next card that is drawn brings it
                    of = stored.message.integration_id
                    await self._digests.follow(stored.tenant_id, of, until)
                return card
            case ThreadLine():
                return await self._channel_sender.send(stored, until)
            case CustomerLeft():
                return await self._channel_sender.say_farewell(stored, body, until)
        outgoing = await self._outgoing(stored.tenant_id, until)
        match body:
            case Redraw(of=key):
                return await self._redraw(outgoing, stored, key)
            case DrawHome():
                await self._homes.draw(outgoing, stored, claimed.user_id)
                return "", ""
            case DrawWindow(window=window):
                await self._fill_in(outgoing, stored, window)
                return "", ""
        placed = await self._posting.find(outgoing, claimed)
        if placed is None:
            rendered = await self._rendered(outgoing, stored, body)
            if rendered is None:
                return "", ""
            placed = await self._posting.post(outgoing, claimed, rendered)
        if isinstance(body, Reminder) and body.is_last:
            await self._tell_csm(stored)
        return placed

    async def _rendered(
        self, outgoing: Outgoing, stored: StoredMessage, body: Personal | AboutChannel
    ) -> Rendered | None:
        """Renders a message to a person as it is true now. None if nothing is left to say."""
        if isinstance(body, AboutChannel):
            return channel_message(body)
        if isinstance(body, TokenWarning | Hint) and not stored.message.integration_id:
            return render_nowhere(body)
        situation = await self._situation(stored)
        if not isinstance(body, OF_CUSTOMER) and await self._is_of_earlier(stored, situation):
            if isinstance(body, CheckDone):  # its modal still says that it is being checked
                await self._windows.show(outgoing, stored, body, as_left(situation))
            return None
        if isinstance(body, OF_WATCHING) and situation.integration.disconnected:
            return None
        is_due = not isinstance(body, Reminder) or may_remind(body, situation)
        if not (is_due and await self._passing_on.is_for_reader(situation, stored.message)):
            if isinstance(body, Reminder):
                await self._take_back(stored)
            return None
        if isinstance(body, CheckDone):
            if await self._windows.show(outgoing, stored, body, situation):
                return None
            if body.notice is Notice.DISCONNECTED or body.not_allowed:
                return None  # the modal is closed, and the result no longer matters
        team = await self._team(outgoing, situation)
        if isinstance(body, Hint | PassOn | TokenWarning):
            return await answer(body, situation, stored.message.reader, team, self._members)
        return await for_reader(self._passing_on, stored.message, body, situation, team)

    async def _team(self, outgoing: Outgoing, situation: Situation) -> str:
        """What the Slack workspace is called. Empty where the installation has one alone."""
        if not outgoing.is_org_wide:
            return ""
        return await self._places.name_of(outgoing.tenant_id, situation.integration.team_id)

    async def _outgoing(self, tenant_id: str, until: datetime) -> Outgoing:
        found = await self._installations.find(tenant_id)
        if found is None:
            raise Undeliverable("not_installed")
        return Outgoing(found, self._clients, self._gates, until)

    async def _situation(self, stored: StoredMessage) -> Situation:
        seen = await self._recorder.uow.look(stored.tenant_id, stored.message.integration_id)
        return Situation(*seen, self._recorder.clock.now())

    async def _is_of_earlier(self, stored: StoredMessage | Placed, situation: Situation) -> bool:
        """Whether it was written in a set-up that was disconnected since. No clock decides."""
        integration = situation.integration
        if not (integration.disconnected or integration.left_before):
            return False
        async with self._recorder.uow(integration.tenant_id, write=False) as work:
            return stored.sequence < await work.outbox.last_farewell(integration.id)

    async def _tell_csm(self, stored: StoredMessage) -> None:
        """The last reminder has arrived: from now on it is the CSM's."""
        key, integration_id = stored.message.key, stored.message.integration_id
        await self._recorder.change(
            stored.tenant_id, integration_id, lambda newest: ran_out(newest, key)
        )

    async def undelivered(self, stored: StoredMessage, give_up: Also) -> None:
        """Gives up a message that Slack refuses for its reader.

        In the same transaction, the reader of one of `CAN_PASS_ON` is passed over, so that somebody
        else gets it. The CSM hears of any other message, unless it only informs.
        """
        message, reader = stored.message, stored.message.reader
        if only_informs(message):
            async with self._recorder.uow(stored.tenant_id) as work:
                await give_up(work)
                await work.commit()
            return
        if not isinstance(message.body, CAN_PASS_ON):
            await self._passing_on.tell_unreached(stored.tenant_id, message, reader, give_up)
            return
        if isinstance(message.body, UNASKED):
            seen = await self._situation(stored)
            await self._passing_on.pass_on(seen, message, message.body, is_refused=True)
        await self._recorder.change(
            stored.tenant_id,
            message.integration_id,
            lambda newest: undelivered(newest, message.key, reader),
            also=give_up,
        )

    async def _take_back(self, stored: StoredMessage) -> None:
        """Uncounts a reminder that was not sent. It is planned again if it is still wanted."""
        key, integration_id = stored.message.key, stored.message.integration_id
        await self._recorder.change(
            stored.tenant_id, integration_id, lambda newest: take_back(newest, key)
        )

    async def _redraw(self, outgoing: Outgoing, stored: StoredMessage, key: str) -> tuple[str, str]:
        """Draws an earlier message again, if it was ever sent and can still be edited. Whoever may
        not look any more reads nothing new.
        """
        async with self._recorder.uow(stored.tenant_id, write=False) as work:
            placed = await work.outbox.placed(key)
        body = placed.message.body if placed else None
        if placed is None or not isinstance(body, Personal):
            return "", ""
        situation = await self._situation(stored)
        talk = Talk.ANSWERED  # before a disconnect, what a CSM wrote is drawn anew for nothing else
        if await self._is_of_earlier(placed, situation):
            situation, talk = as_left(situation), Talk.LEFT
        rendered = kept_from_reader()
        if await self._may_read(situation, placed.message):
            team = await self._team(outgoing, situation)
            message = placed.message
            rendered = await for_reader(self._passing_on, message, body, situation, team, talk)
        with tolerated(ErrorClass.STALE):
            await outgoing.edit(placed.channel_id, placed.ts, rendered)
        return "", ""

    async def _may_read(self, situation: Situation, message: Message) -> bool:
        """Whether its reader may see what is set up by now. The welcome names nothing of it."""
        if isinstance(message.body, Welcome):
            return True
        return await self._passing_on.may_read(situation, message)

    async def _fill_in(self, outgoing: Outgoing, stored: StoredMessage, window: str) -> None:
        situation = await self._situation(stored)
        is_over = not situation.integration.begun or await self._is_of_earlier(stored, situation)
        await self._windows.fill_in(outgoing, stored, window, situation, is_over=is_over)
