"""Handlers for kinds of background work that need more than their use case."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.outbound.channel import ChannelSender
from bot.outbound.clients import InstallationLookup
from bot.worker.loop import WorkHandler
from flows.csm.members import CsmTeam
from flows.errors import NotFound, NotInstalled, StorageUnavailable
from flows.ports import Clock, UnitOfWorkFactory
from flows.setup.erasing import Erasing
from flows.setup.installations import Lifecycle

ERASE_AGAIN = timedelta(seconds=3)  # between two looks while erasing has to wait

_log = structlog.get_logger(__name__)


def receiving(
    uow: UnitOfWorkFactory, lifecycle: Lifecycle, installations: InstallationLookup
) -> WorkHandler:
    """Handles each event from Slack once. A failed event is kept with the name of the error."""

    async def receive(tenant_id: str, event_id: str) -> None:
        error = ""
        try:
            await lifecycle.receive(tenant_id, event_id)
        except (NotFound, StorageUnavailable):
            raise
        except Exception as failure:  # noqa: BLE001 - kept for the operator, who can retry it
            _log.exception("event_failed", tenant_id=tenant_id, event_id=event_id)
            error = type(failure).__name__
        installations.forget(tenant_id)  # the event may have changed the installation
        async with uow(tenant_id) as work:
            await work.inbox.close(event_id, error)
            await work.commit()

    return receive


def erasing(work: Erasing, clock: Clock) -> WorkHandler:
    """Erases a tenant's data, again after a while until nothing is left. There is no subject."""

    async def erase(tenant_id: str, _subject: str) -> datetime | None:
        return None if await work.erase(tenant_id) else clock.now() + ERASE_AGAIN

    return erase


def first_digest(
    uow: UnitOfWorkFactory, channel_sender: ChannelSender, csm_team: CsmTeam
) -> Callable[[], Awaitable[bool]]:
    """Plans the first digest of a channel that the settings name: nobody binds it by a command."""

    async def plan() -> bool:
        """Returns True once nothing is left to plan. Toplyne's tenant may become known late."""
        tenant_id = await csm_team.tenant_id()
        if not channel_sender.is_named or not tenant_id:
            return not channel_sender.is_named
        try:
            async with uow(tenant_id) as work:
                if await work.csm_channel.next_digest() is None:
                    await work.csm_channel.plan_digest(None)
                    await work.commit()
        except NotInstalled:
            return False
        return True

    return plan


def hurrying(
    uow: UnitOfWorkFactory,
    channel_sender: ChannelSender,
    waiting: Callable[[datetime], Awaitable[Sequence[tuple[str, str]]]],
    clock: Clock,
) -> Callable[[], Awaitable[None]]:
    """Makes messages for a channel due once there is one.

    The settings may name it, or somebody binds it while others still write. `waiting` finds the
    conversations.
    """

    async def hurry() -> None:
        if not await channel_sender.channel():
            return
        for tenant_id, conversation in await waiting(clock.now()):
            with suppress(NotInstalled):
                async with uow(tenant_id) as work:
                    await work.outbox.hurry(conversation)
                    await work.commit()

    return hurry
