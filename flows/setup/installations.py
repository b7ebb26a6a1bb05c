"""How the app comes into a Slack workspace, is opened, is written to, and leaves."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import SecretStr

from flows.errors import NotFound, NotInstalled, RowUnreadable
from flows.installed import Installation, Team
from flows.model import Situation
from flows.outbox.bodies import Hint, PassOn, TokenWarning
from flows.outbox.intents import draws_home
from flows.outbox.jobs import Job, JobKind
from flows.outbox.messages import DIRECT_CONVERSATIONS, Message
from flows.ports import Tenants, Unguarded, UnitOfWork
from flows.recording import Recorder
from flows.setup import leaving
from flows.setup.erasing import Erasing
from flows.setup.reaching import EVENT_PRECISION, ByInvitation, NamesOfTeams, Reaching, is_reached
from flows.setup.talking import talk_of
from flows.vocabulary import LEAVING, ReceivedEvent, Stamp

MOST_CLOSED = 500  # Homes; on others a press is answered
Leave = Callable[[UnitOfWork, Installation], Awaitable[None]]


class _EarlierEnded(Exception):
    """The installation before has left something behind."""


class Lifecycle:
    """`csm_team_id` is Toplyne's own Slack workspace, which is no customer's.

    `names` returns the names of an organisation's Slack workspaces that Slack lets the app into,
    or raises `DirectoryUnavailable`; `invited` adds what an invitation says of the customer.
    """

    def __init__(
        self,
        recorder: Recorder,
        erasing: Erasing,
        tenants: Tenants,
        names: NamesOfTeams,
        csm_team_id: str,
        invited: ByInvitation,
    ) -> None:
        self._recorder = recorder
        self._erasing = erasing
        self._tenants = tenants
        self.reaching = Reaching(recorder, tenants, names, csm_team_id, invited)

    # --- coming ---------------------------------------------------------------------------------

    async def install(
        self, installation: Installation, token: SecretStr, refresh: SecretStr | None = None
    ) -> None:
        """Stores the installation. A customer gets a card, and the installer a welcome.

        An organisation's Slack workspaces follow (`Reaching`), and when its admins add the app to
        them.
        """
        before = await self.seed(installation, token, refresh)
        if not installation.is_enterprise_install:
            at = installation.installed.at
            await self.reaching.welcome(installation, installation.team_id, before, at, "")

    async def seed(
        self, installation: Installation, token: SecretStr, refresh: SecretStr | None = None
    ) -> Team | None:
        """Stores the installation silently and returns what was known of its Slack workspace.

        First erases what an earlier installation left behind, even if nobody has worked yet on
        Slack's event that it ended.
        """
        tenant_id = installation.tenant_id
        try:
            return await self._put(installation, token, refresh)
        except _EarlierEnded:
            await self.uninstall(tenant_id)
            await self._erasing.erase(tenant_id, at_once=True)
        begun = replace(installation.installed, at=self._recorder.clock.now())
        anew = replace(installation, installed=begun)  # after all that has left
        return await self._put(anew, token, refresh, is_erased=True)

    async def _put(
        self,
        installation: Installation,
        token: SecretStr,
        refresh: SecretStr | None,
        *,
        is_erased: bool = False,
    ) -> Team | None:
        """Looks and stores in one transaction: the installation before may end at any moment.

        `is_erased`: what that one left behind. Else raises `_EarlierEnded`.
        """
        tenant_id = installation.tenant_id
        async with self._recorder.uow(tenant_id, unguarded=Unguarded.INSTALLING) as work:
            earlier = None if is_erased else await work.installations.hold()
            if earlier and (earlier.revoked_at or await work.inbox.tells_of_leaving()):
                raise _EarlierEnded
            if earlier and not installation.account:
                account, by = earlier.account, earlier.invited_by
                installation = replace(installation, account=account, invited_by=by)
            before = await work.teams.get(installation.team_id)
            await work.installations.put(installation, token, refresh)
            if installation.is_enterprise_install:
                await work.enqueue(Job(JobKind.REACH, tenant_id, ""))
            await work.commit()
        return before

    # --- leaving --------------------------------------------------------------------------------

    async def uninstall(
        self,
        tenant_id: str,
        heard_at: datetime | None = None,
        unknown: Installation | None = None,
    ) -> None:
        """Stops all work for a tenant. Slack's two events for it may come late and in any order.

        `heard_at` is when it happened according to Slack; `unknown` is an installation that Slack
        no longer knows. A newer installation stays.
        """

        async def leave(work: UnitOfWork, installation: Installation) -> None:
            if heard_at and installation.installed.at >= heard_at:
                if installation.installed.at < heard_at + EVENT_PRECISION:  # only Slack knows
                    await work.enqueue(Job(JobKind.CONFIRM_TOKEN, tenant_id, ""))
                return
            if unknown and installation.installed != unknown.installed:
                return
            now = self._recorder.clock.now()
            await work.installations.revoke(now)
            for integration_id, team_id in await work.integrations.listed():
                await self._let_go(work, integration_id, team_id, now)
            await work.enqueue(_erasure(tenant_id))

        await self._leaving(tenant_id, leave)

    async def revoke(self, tenant_id: str, team_ids: Sequence[str], heard_at: datetime) -> None:
        """An organisation's admins removed the app from these Slack workspaces."""

        async def leave(work: UnitOfWork, _installation: Installation) -> None:
            left: set[str] = set()
            for team_id in team_ids:
                team = await work.teams.get(team_id)
                if team is None or team.left_at or team.granted_at >= heard_at + EVENT_PRECISION:
                    continue
                await work.teams.leave(team_id, heard_at)
                left.add(team_id)
            for integration_id, of_team in await work.integrations.listed() if left else ():
                if of_team in left:
                    await _close_homes(work, of_team, heard_at)
                    await self._let_go(work, integration_id, of_team, heard_at)
            await work.enqueue(_erasure(tenant_id))

        await self._leaving(tenant_id, leave)

    async def _leaving(self, tenant_id: str, leave: Leave) -> None:
        """Runs `leave` in a transaction that locks the installation, if it is still there."""

        async def do(work: UnitOfWork) -> None:
            installation = await work.installations.hold()
            if installation and installation.revoked_at is None:
                await leave(work, installation)

        await self._recorder.transact(tenant_id, do, Unguarded.LEAVING)

    async def _let_go(
        self, work: UnitOfWork, integration_id: str, team_id: str, at: datetime
    ) -> None:
        """Deletes the secrets at once, which needs no facts. The erasing job deletes the rest."""
        await work.vault.delete(integration_id)
        await work.write_keys.delete(integration_id)
        await work.checks.delete_of(integration_id)
        try:
            seen = await work.integrations.observed(integration_id)
        except RowUnreadable:
            await self._withdraw_unread(work, integration_id, team_id, at)
            return
        change = leaving.uninstall(seen[0], Stamp("", at))
        await self._recorder.record(work, Situation(*seen, at), change, None)

    async def _withdraw_unread(
        self, work: UnitOfWork, integration_id: str, team_id: str, at: datetime
    ) -> None:
        if withdraw := self._recorder.reactions.withdraw:
            overview = await work.overviews.get(integration_id)
            account = overview.account if overview else ""
            await withdraw(work, integration_id, team_id, account, at)

    # --- what Slack tells -----------------------------------------------------------------------

    async def receive(self, tenant_id: str, event_id: str) -> None:
        """Processes one stored event. Raises `NotFound` if it is not there."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            event = await work.inbox.get(event_id)
        heard_at = event.at or self._recorder.clock.now()
        match event.kind:
            case kind if kind in LEAVING and event.team_id not in ("", tenant_id):
                await self._confirm(tenant_id)
            case kind if kind in LEAVING:
                await self.uninstall(tenant_id, heard_at)
            case "team_access_granted":
                await self.reaching.grant(tenant_id, event.team_ids, heard_at)
            case "team_access_revoked":
                await self.revoke(tenant_id, event.team_ids, heard_at)
            case "app_home_opened":
                await self._home_opened(await self._answering(tenant_id, event.team_id), event)
            case "message":
                await self._answer(await self._answering(tenant_id, event.team_id), event)
            case unknown:
                raise NotFound(unknown)

    async def _confirm(self, tenant_id: str) -> None:
        """Asks Slack first: a single Slack workspace left an organisation, or all of them did."""
        async with self._recorder.uow(tenant_id) as work:
            await work.enqueue(Job(JobKind.CONFIRM_TOKEN, tenant_id, ""))
            await work.commit()

    async def _answering(self, tenant_id: str, team_id: str) -> str:
        """The tenant that answers there. Raises `NotInstalled`: Slack is asked anew, then."""
        if found := await self._tenants.answering(tenant_id, team_id):
            return found
        async with self._recorder.uow(tenant_id) as work:
            await work.enqueue(Job(JobKind.REACH, tenant_id, ""))
            await work.commit()
        raise NotInstalled(team_id)

    async def _home_opened(self, tenant_id: str, event: ReceivedEvent) -> None:
        async with self._recorder.uow(tenant_id) as work:
            await _require_reached(work, event.team_id)
            await work.home_viewers.seen(event.user_id, event.team_id, self._recorder.clock.now())
            integration = await work.integrations.of_team(event.team_id)
            integration_id = integration.id if integration else ""
            await work.outbox.add(draws_home(event.user_id, event.event_id, integration_id))
            await work.commit()

    async def _answer(self, tenant_id: str, event: ReceivedEvent) -> None:
        """Answers a message to the app, and warns about a token.

        If the person talks with a CSM, it offers to pass the message on. Otherwise it says what the
        app can do.
        """
        body: TokenWarning | Hint | PassOn = TokenWarning() if event.holds_secret else Hint()
        async with self._recorder.uow(tenant_id) as work:
            await _require_reached(work, event.team_id)
            now = self._recorder.clock.now()
            integration, talks = await talk_of(work, event.user_id, event.team_id, now)
            if integration and talks and not event.holds_secret:
                body = PassOn(event.text, integration.csm.numbered)
            message = Message(
                body=body,
                conversation=f"{DIRECT_CONVERSATIONS}{event.user_id}",
                key=f"{body.kind}:{event.event_id}",
                integration_id=integration.id if integration else "",
            )
            await work.outbox.add(message)
            await work.commit()


async def _require_reached(work: UnitOfWork, team_id: str) -> None:
    """Raises `NotInstalled`."""
    if not is_reached(await work.teams.get(team_id)):
        raise NotInstalled(team_id)


async def _close_homes(work: UnitOfWork, team_id: str, at: datetime) -> None:
    """Draws every Home with this workspace's set-up, which says there that it is gone.

    In an organisation, people have one Home for all Slack workspaces, and nothing else would draw
    it again. They are viewers no more, so they get it once.
    """
    for user_id in await work.home_viewers.recent(team_id, MOST_CLOSED):
        await work.home_viewers.forget(user_id)
        await work.outbox.add(draws_home(user_id, f"left:{team_id}:{at.timestamp():.3f}"))


def _erasure(tenant_id: str) -> Job:
    return Job(JobKind.ERASE, tenant_id, "")
