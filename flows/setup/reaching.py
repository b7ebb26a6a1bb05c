"""Which Slack workspaces an installation reaches, and how a set-up begins in each of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from flows.audit import Audited
from flows.errors import DirectoryUnavailable, NotFound, RowUnreadable
from flows.installed import Installation, Team
from flows.model import Integration, Situation
from flows.outbox.intents import draws_card
from flows.outbox.jobs import Job, JobKind
from flows.ports import Tenants, UnitOfWork
from flows.recording import Change, Recorder
from flows.setup.beginning import create, first_of, set_up_id
from flows.setup.events import Installed
from flows.vocabulary import Actor, Stamp

EVENT_PRECISION = timedelta(seconds=1)  # Slack gives event times in whole seconds
AUDIT_LOOKED_BACK = 100  # entries; operators' alone stay where the app has left

NamesOfTeams = Callable[[str], Awaitable[Mapping[str, str]]]
ByInvitation = Callable[[Installation], Callable[[Integration], Change]]


class Reaching:
    """`Lifecycle` says what the parts are."""

    def __init__(
        self,
        recorder: Recorder,
        tenants: Tenants,
        names: NamesOfTeams,
        csm_team_id: str,
        invited: ByInvitation,
    ) -> None:
        self._recorder = recorder
        self._tenants = tenants
        self._names = names
        self._csm_team_id = csm_team_id
        self._invited = invited

    async def grant(self, tenant_id: str, team_ids: Sequence[str], heard_at: datetime) -> None:
        """An organisation's admins added the app to some of its Slack workspaces."""
        names: Mapping[str, str] = {}
        with suppress(DirectoryUnavailable):  # a name is not worth a wait
            names = await self._names(tenant_id)
        for team_id in team_ids:
            await self._reach(tenant_id, team_id, names.get(team_id, ""), heard_at, is_told=True)
        if not all(map(names.get, team_ids)):
            async with self._recorder.uow(tenant_id) as work:
                await work.enqueue(Job(JobKind.REACH, tenant_id, ""))
                await work.commit()

    async def reach_all(self, tenant_id: str, inherited: str = "") -> None:
        """Reaches what Slack lets the app into, whatever events have told.

        A set-up begins in each new Slack workspace, and in the one that was `inherited` from
        another installation. None begins if the settings installed the app, since nobody waits for
        it. Raises `DirectoryUnavailable`.
        """
        asked_at = self._recorder.clock.now()
        async with self._recorder.uow(tenant_id, write=False) as work:
            installation = await work.installations.get()
        if installation is None or installation.revoked_at:
            return
        names: Mapping[str, str] = {installation.team_id: installation.team_name}
        if installation.is_enterprise_install:
            names = await self._names(tenant_id)
        for team_id, name in names.items():
            await self._reach(tenant_id, team_id, name, asked_at, inherits=team_id == inherited)

    async def _reach(
        self,
        tenant_id: str,
        team_id: str,
        name: str,
        at: datetime,
        *,
        is_told: bool = False,
        inherits: bool = False,
    ) -> None:
        """Slack lets the app into one Slack workspace, as was known at this time.

        `is_told`: by an event, since somebody has added it. What is reached already has begun once,
        and what was tidied since stays so.
        """
        async with self._recorder.uow(tenant_id) as work:
            installation, before = await work.installations.get(), await work.teams.get(team_id)
            if installation is None:
                return
            if not await _is_let_in(work, installation, before, at, is_told=is_told):
                return
            known = before if is_reached(before) else None
            called = name or (known.name if known else "")
            if known and known.name == called and not inherits:
                return
            await work.teams.grant(team_id, called, known.granted_at if known else at)
            begins = (known is None or inherits) and bool(is_told or installation.installed.by)
            begins = begins and await self._begin(work, installation, team_id, inherits=inherits)
            await work.commit()
        if begins:
            shown = name if installation.is_enterprise_install else ""
            with suppress(RowUnreadable):  # what an earlier set-up left; others are still welcomed
                await self.welcome(installation, team_id, before, at, shown)
        elif known and called != known.name:
            await self._rename(tenant_id, set_up_id(team_id), called)

    async def _begin(
        self, work: UnitOfWork, installation: Installation, team_id: str, *, inherits: bool
    ) -> bool:
        """Makes the set-up, together with what says that it has begun. False if nothing begins."""
        other = await self._tenants.of_team(team_id)
        if team_id == self._csm_team_id or other not in (None, work.tenant_id):
            return False
        if await work.integrations.exists(set_up_id(team_id)):
            return not inherits
        actor = Actor(work.tenant_id, team_id, installation.installed.by)
        await work.integrations.add(first_of(self._recorder, actor))
        return True

    async def _rename(self, tenant_id: str, integration_id: str, name: str) -> None:
        """Has the card and the board call a customer by its name."""
        with suppress(NotFound, RowUnreadable):
            await self._recorder.note(tenant_id, integration_id, lambda now: now.integration)
            async with self._recorder.uow(tenant_id) as work:
                await work.outbox.add(draws_card(integration_id, f"name:{name}"))
                await work.commit()

    async def welcome(
        self,
        installation: Installation,
        team_id: str,
        before: Team | None,
        at: datetime,
        name: str,
    ) -> None:
        """`name` is empty for an only Slack workspace. While another installation answers there,
        nothing begins.
        """
        actor = Actor(installation.tenant_id, team_id, installation.installed.by)
        if actor.team_id == self._csm_team_id:
            return
        if await self._tenants.of_team(team_id) != actor.tenant_id:
            return
        situation = await self._recorder.of_team(actor) or await create(self._recorder, actor)
        again = before is not None and before.left_at is not None
        event = Installed(Stamp(actor.user_id, at), team_name=name, again=again)

        def decide(now: Situation) -> Change:
            change = self._invited(installation)(now.integration)
            return Change(change.integration, (event, *change.events))

        await self._recorder.change(actor.tenant_id, situation.integration.id, decide, actor=actor)


def is_reached(team: Team | None) -> bool:
    return team is not None and team.left_at is None


async def _is_let_in(
    work: UnitOfWork, installation: Installation, team: Team | None, at: datetime, *, is_told: bool
) -> bool:
    """Whether this says more than that the Slack workspace has left, if it has.

    Slack's list names what an operator has erased until an admin removes the app there. So that
    comes back only when somebody adds it.
    """
    if team is None or team.left_at is None:
        return True
    if is_told:
        return at + EVENT_PRECISION > team.left_at
    entries = await work.audit.latest(team.team_id, AUDIT_LOOKED_BACK)
    if any(each.what is Audited.ERASED and each.who.at >= team.granted_at for each in entries):
        return False
    return team.left_at <= installation.installed.at or team.left_at + EVENT_PRECISION <= at
