"""What some kinds of background work need around their use case."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.outbound.channel import CsmDesk
from bot.outbound.installations import Installations
from bot.worker.loop import Handler
from flows.errors import NotFound, StorageUnavailable
from flows.ports import Clock, UnitOfWorkFactory
from flows.reminders.service import Reminding
from flows.setup.installations import Lifecycle

# Of who has removed the app nobody is reminded; installing it again brings them back at once.
NOT_INSTALLED = timedelta(days=30)

_log = structlog.get_logger(__name__)


def once(work: Callable[[str, str], Awaitable[None]]) -> Handler:
    """When it is due again, if ever, is stored by the work itself."""

    async def run(tenant_id: str, subject: str) -> None:
        await work(tenant_id, subject)

    return run


def reminding(reminders: Reminding, installations: Installations, clock: Clock) -> Handler:
    """Where the app is installed."""

    async def remind(tenant_id: str, integration_id: str) -> datetime | None:
        if await installations.find(tenant_id) is None:
            return clock.now() + NOT_INSTALLED
        await reminders.remind(tenant_id, integration_id)
        return None

    return remind


def receiving(
    uow: UnitOfWorkFactory, lifecycle: Lifecycle, installations: Installations
) -> Handler:
    """Events of Slack, each worked on once: one that fails is kept with the name of the error."""

    async def receive(tenant_id: str, event_id: str) -> None:
        error = ""
        try:
            await lifecycle.receive(tenant_id, event_id)
        except (NotFound, StorageUnavailable):
            raise
        except Exception as failure:  # noqa: BLE001 - kept for whoever runs the bot
            _log.exception("event_failed", tenant_id=tenant_id, event_id=event_id)
            error = type(failure).__name__
        installations.forget(tenant_id)  # it may be another one than is remembered here
        async with uow(tenant_id) as work:
            await work.inbox.close(event_id, error)
            await work.commit()

    return receive


def first_digest(uow: UnitOfWorkFactory, desk: CsmDesk) -> Callable[[], Awaitable[bool]]:
    """Plans a digest for the channel that the settings name, which nobody ever binds."""

    async def plan() -> bool:
        """Whether there is nothing more to plan; which workspace is Toplyne's may be known late."""
        team_id = desk.team_id
        if not desk.is_named or not team_id:
            return not desk.is_named
        async with uow(team_id) as work:
            if await work.csm_channel.next_digest() is None:
                await work.csm_channel.plan_digest(None)
                await work.commit()
        return True

    return plan
