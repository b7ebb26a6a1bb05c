"""The app comes into a Slack workspace, is opened, is written to, and leaves."""

from datetime import datetime, timedelta

from pydantic import SecretStr

from flows.change import Change
from flows.errors import NotFound
from flows.model import Installation, Integration, ReceivedEvent, Situation
from flows.outbox.bodies import Hint, TokenWarning
from flows.outbox.messages import Message
from flows.outbox.redraw import home_message
from flows.ports import UnitOfWork
from flows.recording import Recorder
from flows.setup import steps
from flows.setup.events import Installed
from flows.setup.submission import create
from flows.vocabulary import Actor, Stamp

EVENT_PRECISION = timedelta(seconds=1)  # Slack tells the time of events in whole seconds


class Lifecycle:
    """`csm_team_id` is Toplyne's own Slack workspace, which is not a customer's."""

    def __init__(self, recorder: Recorder, csm_team_id: str) -> None:
        self._recorder = recorder
        self._csm_team_id = csm_team_id

    async def install(self, installation: Installation, token: SecretStr) -> None:
        """Stores the installation; a customer's gets its card and the installer a welcome."""
        await self.seed(installation, token)
        if installation.team_id and installation.team_id != self._csm_team_id:
            await self._welcome(installation)

    async def seed(self, installation: Installation, token: SecretStr) -> None:
        """Stores the installation and says nothing."""
        async with self._recorder.uow(installation.tenant_id) as work:
            await work.installations.put(installation, token)
            await work.commit()

    async def _welcome(self, installation: Installation) -> None:
        actor = Actor(installation.tenant_id, installation.team_id, installation.installed.by)
        situation = await self._recorder.of_team(actor) or await create(self._recorder, actor)
        event = Installed(installation.installed)
        await self._recorder.change(
            actor.tenant_id,
            situation.integration.id,
            lambda now: Change(now.integration, (event,)),
            actor=actor,
        )

    async def uninstall(self, tenant_id: str, heard_at: datetime | None = None) -> None:
        """Stops all work for a tenant; the two events that say so come in any order, or late.

        `heard_at` is when Slack says that it happened: a newer installation stays. Without it,
        it is the installation that is there which Slack does not know any more.
        """
        await self._recorder.transact(tenant_id, lambda work: self._uninstall(work, heard_at))

    async def _uninstall(self, work: UnitOfWork, heard_at: datetime | None) -> None:
        installation = await work.installations.get()
        if installation is None or installation.revoked_at:
            return
        if heard_at and installation.installed.at >= heard_at + EVENT_PRECISION:
            return
        now = self._recorder.clock.now()
        await work.installations.revoke(now)
        integration = await work.integrations.of_team(installation.team_id)
        if integration:
            await self._let_go(work, integration, Stamp("", now))

    async def _let_go(self, work: UnitOfWork, integration: Integration, stamp: Stamp) -> None:
        await work.vault.delete(integration.id)
        await work.checks.delete_of(integration.id)
        observed = await work.observations.of(integration.id)
        situation = Situation(integration, observed, stamp.at)
        await self._recorder.record(work, situation, steps.uninstall(integration, stamp), None)

    async def receive(self, tenant_id: str, event_id: str) -> None:
        """Works on one stored event. Raises `NotFound` when it is not there."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            event = await work.inbox.get(event_id)
        match event.kind:
            case "app_uninstalled" | "tokens_revoked":
                await self.uninstall(tenant_id, event.at or self._recorder.clock.now())
            case "app_home_opened":
                await self._home_opened(tenant_id, event)
            case "message":
                await self._written_to(tenant_id, event)
            case unknown:
                raise NotFound(unknown)

    async def _home_opened(self, tenant_id: str, event: ReceivedEvent) -> None:
        async with self._recorder.uow(tenant_id) as work:
            await work.home_viewers.seen(event.user_id, self._recorder.clock.now())
            integration = await work.integrations.of_team(event.team_id)
            integration_id = integration.id if integration else ""
            await work.outbox.add(home_message(event.user_id, event.event_id, integration_id))
            await work.commit()

    async def _written_to(self, tenant_id: str, event: ReceivedEvent) -> None:
        """Somebody wrote to the app: it points to what it can do, or warns about a token."""
        body = TokenWarning() if event.holds_secret else Hint()
        async with self._recorder.uow(tenant_id) as work:
            integration = await work.integrations.of_team(event.team_id)
            message = Message(
                body=body,
                conversation=f"user:{event.user_id}",
                key=f"{body.kind}:{event.event_id}",
                integration_id=integration.id if integration else "",
            )
            await work.outbox.add(message)
            await work.commit()
