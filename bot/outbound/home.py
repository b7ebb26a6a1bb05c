"""Decides what a person's App Home shows: the board to a CSM, their set-up to everybody else."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from slack_sdk.models.views import View

from bot.outbound.board_screens import BoardScreens
from bot.outbound.calls import Outgoing
from bot.outbound.clients import InstallationLookup, Ready, SlackClients
from bot.outbound.errors import UNREACHABLE, ErrorClass, tolerated
from bot.views.kit.message import fingerprint_of
from bot.views.people.home import HISTORY_SHOWN, gone_home, home_view
from bot.views.people.managing import not_member_home
from bot.views.setup.entry import Entry
from flows.csm.board import Filters
from flows.csm.members import Csms, NotCsm
from flows.csm.paging import FIRST
from flows.drawn import SeenHome
from flows.errors import DirectoryUnavailable, NotFound, NotInstalled, StorageUnavailable
from flows.kept import Bounded
from flows.model import Situation
from flows.outbox.messages import StoredMessage
from flows.ports import Directory, Unguarded
from flows.recording import Recorder
from flows.reminders.schedule import Rules, next_day
from flows.setup.permissions import Members, NotMember
from flows.setup.replays import not_started_on
from flows.vocabulary import Actor, Person, ReceivedEvent
from flows.zones import LAST_ZONE, zone

Drawn = tuple[Any, str]  # `Ready` JSON, which the client takes for a view; and its fingerprint
HOMES_KEPT = 1000  # Homes that stay drawn
DRAWN_WITHIN = 1.5  # seconds; Slack waits three for the answer to an event
# What leaves a Home to a worker, which tries for longer.
NOT_NOW = (*UNREACHABLE, StorageUnavailable, DirectoryUnavailable, NotInstalled, NotFound)
ASKED_ANEW = 3600.0  # seconds until Slack is asked again whether a viewer is still there


class Homes:
    """`shared`: customers and CSMs use one Slack workspace, so Home shows everybody the set-up."""

    def __init__(
        self,
        recorder: Recorder,
        directory: Directory,
        csms: Csms,
        members: Members,
        screens: BoardScreens,
        installations: InstallationLookup,
        clients: SlackClients,
        rules: Rules,
        entry: Entry,
        *,
        shared: bool,
    ) -> None:
        self._rules = rules
        self._entry = entry
        self._members = members
        self._recorder = recorder
        self._directory = directory
        self._csms = csms
        self._screens = screens
        self._installations = installations
        self._clients = clients
        self._shared = shared
        self._shown = Bounded[tuple[str, str], str](HOMES_KEPT)  # the last event of each
        self._kept = Bounded[tuple[str, str], tuple[object, Drawn]](HOMES_KEPT)

    async def show(self, tenant_id: str, opened: ReceivedEvent) -> bool:
        """Draws the Home that a person has just opened, before anything else that waits.

        False: a worker has to do it, or once more since the set-up changed meanwhile.
        """
        try:
            async with asyncio.timeout(DRAWN_WITHIN):
                return await self._show(tenant_id, opened)
        except NOT_NOW:
            return False

    async def _show(self, tenant_id: str, opened: ReceivedEvent) -> bool:
        user_id, team_id = opened.user_id, opened.team_id
        found = await self._installations.find(tenant_id)
        if found is None or found[0].refused_at:
            return False
        if found[0].enterprise_id:
            found = await self._installations.answering(found[0], team_id)
            if found is None or found[0].refused_at:
                return False
        tenant_id, token = found[0].tenant_id, found[1]
        look = self._recorder.uow.home
        seen = await look(tenant_id, team_id, user_id)
        text, fingerprint = await self._as_seen(
            Actor(tenant_id, team_id, user_id), seen, opened.event_id
        )
        name = tenant_id, user_id
        if seen.drawn == fingerprint and self._shown.get(name) == opened.event_id:
            return True  # Slack has sent the event again
        client = self._clients.with_token(token)
        if found[0].is_enterprise_install:
            client = self._clients.of_organisation(tenant_id, token)
        await client.views_publish(user_id=user_id, view=text)
        self._shown[name] = opened.event_id
        if seen.drawn != fingerprint:
            now = self._recorder.clock.now()
            await self._recorder.uow.saw_home(tenant_id, team_id, user_id, fingerprint, now)
        return (await look(tenant_id, team_id, user_id))[:2] == seen[:2]

    async def _as_seen(self, actor: Actor, seen: SeenHome, nonce: str) -> Drawn:
        """Kept for as long as all that it is drawn from is the same. A board is drawn each time."""
        reader = snoozed = asks = onlooker = None
        if seen.situation:
            with suppress(NotMember):
                reader = await self._members.require(actor)
            snooze = seen.situation[0].reminders.snooze
            now = self._recorder.clock.now()
            snoozed = snooze is not None and snooze.until > now
            here = zone(reader.time_zone) if reader else LAST_ZONE
            asks = not_started_on(seen.situation[0], now, here)
            if reader:
                onlooker = await self._members.unless_able(reader, Situation(*seen.situation, now))
        drawn_from = (*seen[:2], reader, snoozed, asks, onlooker)
        name = actor.tenant_id, actor.user_id
        kept = self._kept.get(name)
        if kept and kept[0] == drawn_from and not await self._is_csms(actor.tenant_id):
            return kept[1]
        integration_id = seen.situation[0].id if seen.situation else ""
        view = await self.view(actor.tenant_id, integration_id, actor.user_id, nonce[-8:])
        drawn = Ready(json.dumps(view.to_dict())), fingerprint_of(view.to_dict())
        self._kept[name] = drawn_from, drawn
        return drawn

    async def _is_csms(self, tenant_id: str) -> bool:
        return tenant_id == await self._csms.team.tenant_id()

    async def draw(self, outgoing: Outgoing, stored: StoredMessage, user_id: str) -> None:
        """Draws one person's Home if it looks otherwise now. Forgets those who have left.

        Raises `NotFound`, `DirectoryUnavailable`, and what `Outgoing` raises.
        """
        async with self._recorder.uow(stored.tenant_id, write=False) as work:
            drawn = await work.home_viewers.drawn(user_id)
        if drawn and await self._has_left(stored.tenant_id, user_id):
            await self._forget(stored.tenant_id, user_id)
            return
        if drawn is None and not stored.message.integration_id:  # nobody has opened it since
            with tolerated(ErrorClass.GONE):
                await outgoing.publish_home(user_id, gone_home())
            return
        # A new nonce clears earlier choices, since the list starts from the beginning.
        nonce = str(stored.sequence)
        view = await self.view(stored.tenant_id, stored.message.integration_id, user_id, nonce)
        fingerprint = fingerprint_of(view.to_dict())
        if fingerprint == drawn:
            return
        with tolerated(ErrorClass.GONE):
            await outgoing.publish_home(user_id, view)
            await self._keep_drawn(stored.tenant_id, user_id, fingerprint)
            return
        await self._forget(stored.tenant_id, user_id)

    async def _keep_drawn(self, tenant_id: str, user_id: str, fingerprint: str) -> None:
        async with self._recorder.uow(tenant_id, unguarded=Unguarded.LEAVING) as work:
            await work.home_viewers.keep_drawn(user_id, fingerprint)
            await work.commit()

    async def _has_left(self, tenant_id: str, user_id: str) -> bool:
        person = await self._directory.person(tenant_id, user_id, max_age=ASKED_ANEW)
        return person is None or not person.is_active

    async def _forget(self, tenant_id: str, user_id: str) -> None:
        async with self._recorder.uow(tenant_id, unguarded=Unguarded.LEAVING) as work:
            await work.home_viewers.forget(user_id)
            await work.commit()

    async def view(self, tenant_id: str, integration_id: str, user_id: str, nonce: str) -> View:
        """Raises `NotFound`, `DirectoryUnavailable`."""
        own = tenant_id, integration_id, user_id
        if not await self._is_csms(tenant_id):
            return await self._customers(*own, with_board=False)
        csm = Actor(tenant_id, self._csms.team.team_id, user_id)
        try:
            if not self._shared:
                return await self._screens.home(csm, Filters(), FIRST, nonce)
            await self._csms.require(csm)
        except NotCsm:
            return await self._customers(*own, with_board=False)
        return await self._customers(*own, with_board=True)

    async def _customers(
        self, tenant_id: str, integration_id: str, user_id: str, *, with_board: bool
    ) -> View:
        if not integration_id:
            return home_view(None, (), with_board=with_board)
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
            events = await work.history.latest(integration_id, HISTORY_SHOWN)
        integration = situation.integration
        actor = Actor(tenant_id, integration.team_id, user_id)
        try:
            member = await self._members.require(actor)
        except NotMember:
            return not_member_home()
        onlooker = await self._members.unless_able(member, situation)
        reader = Person(member.time_zone, member.locale, is_active=True)
        return home_view(
            member.sees(situation),
            events,
            next_day(situation, self._rules, reader),
            onlooker=onlooker,
            manages=member.manages(situation),
            with_board=with_board,
            entry=self._entry,
        )
