"""The CSM channel: one card per customer, edited in place, with the events in its thread."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from slack_sdk.errors import SlackApiError

from bot.ids import customer_value, set_up_name
from bot.outbound.calls import Outgoing
from bot.outbound.channel_watch import MAY_LOOK, SHARED, ChannelWatch
from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.errors import OF_A_PLACE, ErrorClass, class_of, error_name, tolerated
from bot.outbound.people import People
from bot.views.csm.card import card_message, farewell_card, farewell_line
from bot.views.csm.thread import former_card_message, thread_message
from bot.views.csm.toplyne import DELIVERIES_SHOWN
from bot.views.kit.message import Rendered
from bot.views.people.history_lines import people_in
from flows.csm.calls import calls_owner, count_as_called
from flows.csm.events import ChannelCalled
from flows.csm.facts import Card
from flows.csm.members import CsmTeam
from flows.errors import DirectoryUnavailable, NotFound, NotInstalled, RevisionConflict
from flows.history import Event, StoredEvent
from flows.installed import Team
from flows.model import Integration, Situation
from flows.outbox.bodies import ThreadLine
from flows.outbox.messages import StoredMessage
from flows.outbox.toplyne_bodies import CustomerLeft
from flows.ports import RateGates, Unguarded, UnitOfWork
from flows.recording import Recorder
from flows.setup.permissions import contact
from flows.toplyne.model import StoredDelivery


class ChannelUnknown(Exception):
    """No channel is bound or, if a reason is given, the channel takes nothing. Messages wait."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a card is drawn from, read at once."""

    situation: Situation
    team: Team | None
    deliveries: Sequence[StoredDelivery]

    @classmethod
    async def read(cls, work: UnitOfWork, situation: Situation) -> Self:
        integration = situation.integration
        team = await work.teams.get(integration.team_id)
        latest = await work.deliveries.latest(integration.id, DELIVERIES_SHOWN)
        return cls(situation, team, latest)


class ChannelSender:
    """Writes to the CSM channel. A channel in the settings takes precedence over a bound one."""

    def __init__(
        self,
        recorder: Recorder,
        installations: InstallationLookup,
        clients: SlackClients,
        gates: RateGates,
        people: People,
        csm_team: CsmTeam,
        channel_id: str,
    ) -> None:
        self._recorder = recorder
        self._installations = installations
        self._clients = clients
        self._gates = gates
        self._people = people
        self._watch = ChannelWatch(recorder, channel_id)
        self._csm_team = csm_team
        self._channel_id = channel_id

    @property
    def is_named(self) -> bool:
        """Whether the settings name the channel, so that nobody has to bind one."""
        return bool(self._channel_id)

    async def csm_tenant_id(self) -> str:
        return await self._csm_team.tenant_id()

    async def scopes(self) -> tuple[str, ...]:
        """The app's scopes in Toplyne's own Slack workspace."""
        found = await self._installations.find(await self._csm_team.tenant_id())
        return found[0].scopes if found else ()

    async def channel(self) -> str:
        """The channel's id. Empty while none is set or bound."""
        if self._channel_id or not self._csm_team.team_id:
            return self._channel_id
        for anew in (False, True):  # another installation may have taken it over a moment ago
            tenant_id = await self._csm_team.tenant_id(anew=anew)
            async with self._recorder.uow(tenant_id, write=False) as work:
                if binding := await work.csm_channel.get():
                    return binding.channel_id
        return ""

    async def send(self, stored: StoredMessage, until: datetime) -> tuple[str, str]:
        """Posts or edits the card, or posts one line in its thread. Returns channel and ts.

        Raises what `channel_open` and `Outgoing` raise, and `NotFound`.
        """
        async with self.channel_open(until) as (outgoing, channel_id):
            return await self._send(outgoing, channel_id, stored)

    @asynccontextmanager
    async def channel_open(self, until: datetime) -> AsyncIterator[tuple[Outgoing, str]]:
        """Yields a way to write to the channel, and its id.

        Raises `ChannelUnknown`, also if others read it; `DirectoryUnavailable` if nobody knows.
        """
        channel_id = await self.channel()
        if not channel_id:
            raise ChannelUnknown
        tenant_id = await self._csm_team.tenant_id()
        found = await self._installations.find(tenant_id)
        if found is None:
            raise ChannelUnknown("not_installed")
        outgoing = Outgoing(found, self._clients, self._gates, until)
        may_look = set(found[0].scopes) >= MAY_LOOK
        if may_look and await self._watch.shared(outgoing.client, tenant_id, channel_id):
            raise ChannelUnknown(SHARED)
        try:
            yield outgoing, channel_id
        except SlackApiError as error:
            if class_of(error) in OF_A_PLACE:
                await self._watch.closed(tenant_id, channel_id, error_name(error))
                raise ChannelUnknown(error_name(error)) from error
            raise
        await self._watch.open(tenant_id, outgoing.wrote)

    async def say_farewell(
        self, stored: StoredMessage, left: CustomerLeft, until: datetime
    ) -> tuple[str, str]:
        """Writes that a customer has uninstalled, on their card and in its thread.

        All other data of the customer is gone. A deleted card needs no farewell. Raises what `send`
        raises.
        """
        async with self.channel_open(until) as (outgoing, channel_id):
            if left.channel != channel_id:  # no card, or one where nothing is written any more
                return await self._begin_farewell(outgoing, channel_id, stored, left)
            with tolerated(ErrorClass.STALE):
                await outgoing.edit(channel_id, left.ts, farewell_card(left))
                return await outgoing.post(channel_id, farewell_line(left), thread_ts=left.ts)
        return "", ""

    async def _begin_farewell(
        self, outgoing: Outgoing, channel_id: str, stored: StoredMessage, left: CustomerLeft
    ) -> tuple[str, str]:
        """Posts the last card.

        Its line is a message of its own. If it had to wait in this one, the next try would post a
        second card.
        """
        former = await _permalink(outgoing, Card("", left.channel, left.ts)) if left.ts else ""
        _, ts = await outgoing.post(channel_id, farewell_card(left))
        begun = replace(left, channel=channel_id, ts=ts, former=former)
        line = replace(stored.message, body=begun, key=f"{stored.message.key}:{ts}")
        async with self._recorder.uow(stored.tenant_id) as work:
            await work.outbox.add(line)
            await work.commit()
        return channel_id, ts

    async def _send(
        self, outgoing: Outgoing, channel_id: str, stored: StoredMessage
    ) -> tuple[str, str]:
        message = stored.message
        async with self._recorder.uow(stored.tenant_id, write=False) as work:
            situation = await self._recorder.load(work, message.integration_id)
            card = await work.cards.get(message.integration_id)
            is_there = card is not None and card.channel_id == channel_id
            event: StoredEvent | None = None
            if isinstance(message.body, ThreadLine):
                event = await work.history.get(message.integration_id, message.body.event)
            if event is None or not is_there:
                shown = await _Shown.read(work, situation)
        if card is None or not is_there:
            card = await self._post_card(outgoing, channel_id, shown, card)
            if event is None:
                return card.channel_id, card.ts
        if event is None:
            return await self._edit_card(outgoing, card, shown)
        return await self._post_line(outgoing, card, situation, event)

    async def _post_line(
        self, outgoing: Outgoing, card: Card, situation: Situation, event: StoredEvent
    ) -> tuple[str, str]:
        owner = situation.integration.csm.owner
        calls_all = owner is not None and calls_owner(event.event) and await self._left(owner.by)
        rendered = await self._line(outgoing, card, situation, event, calls_all=calls_all)
        placed = "", ""
        with tolerated(ErrorClass.STALE):
            placed = await outgoing.post(card.channel_id, rendered, thread_ts=card.ts)
        if not any(placed):
            async with self._recorder.uow(situation.integration.tenant_id, write=False) as work:
                shown = await _Shown.read(work, situation)
            card = await self._replace(outgoing, card, shown)
            placed = await outgoing.post(card.channel_id, rendered, thread_ts=card.ts)
        if calls_all:
            await self._count_as_called(situation.integration, event)
        return placed

    async def _count_as_called(self, integration: Integration, event: StoredEvent) -> None:
        """Nobody is called about it a second time, once it has no owner any more."""
        with suppress(NotFound, RevisionConflict):
            await self._recorder.note(
                integration.tenant_id,
                integration.id,
                lambda now: count_as_called(now, event.event),
            )

    async def _replace(self, outgoing: Outgoing, former: Card, shown: _Shown) -> Card:
        """Replaces a card that was deleted or can no longer be edited."""
        card = await self._post_card(outgoing, former.channel_id, shown, former)
        customer = shown.team.name if shown.team else ""
        await self._watch.card_lost(await self._csm_team.tenant_id(), customer, former)
        return card

    async def _line(
        self,
        outgoing: Outgoing,
        card: Card,
        situation: Situation,
        event: StoredEvent,
        *,
        calls_all: bool,
    ) -> Rendered:
        """Renders one line. Lines that call somebody link to the card, where the buttons are."""
        called = calls_owner(event.event) or isinstance(event.event, ChannelCalled)
        owner = situation.integration.csm.owner
        return thread_message(
            event.event,
            names=await self._names(situation, event),
            customer_value=_value(situation.integration),
            owner=owner.by if owner else "",
            owner_left=calls_all,
            card_link=await _permalink(outgoing, card) if called else "",
        )

    async def _left(self, csm: str) -> bool:
        """Whether Slack says so. A person who has left hears no mention."""
        try:
            person = await self._people.person(await self._csm_team.tenant_id(), csm)
        except DirectoryUnavailable:
            return False
        return person is None or not person.is_active

    async def _post_card(
        self,
        outgoing: Outgoing,
        channel_id: str,
        shown: _Shown,
        former: Card | None,
    ) -> Card:
        """Posts a new card. It links to the former card's thread, if that still exists."""
        rendered, integration = await self._card(shown), shown.situation.integration
        channel_id, ts = await outgoing.post(channel_id, rendered)
        card = Card(integration.id, channel_id, ts, rendered.fingerprint)
        await self._keep(integration.tenant_id, card)
        if former:
            await self._link(outgoing, card, former)
        return card

    async def _keep(self, tenant_id: str, card: Card) -> None:
        """Also while the customer is leaving, because the card will have to say so."""
        async with self._recorder.uow(tenant_id, unguarded=Unguarded.LEAVING) as work:
            await work.cards.put(card)
            await work.commit()

    async def _link(self, outgoing: Outgoing, card: Card, former: Card) -> None:
        if link := await _permalink(outgoing, former):
            await outgoing.post(card.channel_id, former_card_message(link), thread_ts=card.ts)

    async def _edit_card(self, outgoing: Outgoing, card: Card, shown: _Shown) -> tuple[str, str]:
        """Edits the card if it looks otherwise now: an edit closes menus that are open."""
        rendered, tenant_id = await self._card(shown), shown.situation.integration.tenant_id
        if rendered.fingerprint == card.drawn:
            return card.channel_id, card.ts
        with tolerated(ErrorClass.STALE):
            await outgoing.edit(card.channel_id, card.ts, rendered)
            async with self._recorder.uow(tenant_id, unguarded=Unguarded.LEAVING) as work:
                await work.cards.keep_drawn(card, rendered.fingerprint)
                await work.commit()
            return card.channel_id, card.ts
        card = await self._replace(outgoing, card, shown)
        return card.channel_id, card.ts

    async def _card(self, shown: _Shown) -> Rendered:
        """Raises `NotInstalled`."""
        situation, team = shown.situation, shown.team
        integration = situation.integration
        if team is None or team.left_at:
            raise NotInstalled(integration.tenant_id)
        names, owner = await self._names(situation, None), integration.csm.owner
        csm_tenant_id = await self._csm_team.tenant_id()
        return card_message(
            situation,
            installation_name=team.name,
            customer_value=_value(integration),
            names=names,
            deliveries=shown.deliveries,
            owner_left=owner is not None and self._people.has_left(csm_tenant_id, owner.by),
        )

    async def _names(self, situation: Situation, event: StoredEvent | None) -> dict[str, str]:
        """Returns display names of the people that a card or a line mentions, by user id."""
        theirs, ours = _people_of(situation, event.event if event else None)
        names: dict[str, str] = {}
        tenant_id, csm_tenant_id = situation.integration.tenant_id, await self._csm_team.tenant_id()
        for asked, wanted in ((tenant_id, theirs), (csm_tenant_id, [*theirs, *ours])):
            missing = [user_id for user_id in wanted if user_id not in names]
            names |= await self._people.names(asked, missing)
        return names


def _value(integration: Integration) -> str:
    return customer_value(integration.tenant_id, set_up_name(integration))


def _people_of(situation: Situation, event: Event | None) -> tuple[list[str], list[str]]:
    """User ids that a card or a line names: first the customer's (or unsure ones), then CSMs'."""
    owner = situation.integration.csm.owner
    asked = (matter.by for matter in situation.integration.csm.questions)
    theirs, ours = [contact(situation.integration), *asked], [owner.by] if owner else []
    customers, csms = people_in(event) if event else ([], [])
    return [*theirs, *customers], [*ours, *csms]


async def _permalink(outgoing: Outgoing, card: Card) -> str:
    """The card's address. Empty if the card was deleted or its channel is closed to us."""
    with tolerated(ErrorClass.STALE, *OF_A_PLACE):
        return await outgoing.permalink(card.channel_id, card.ts)
    return ""
