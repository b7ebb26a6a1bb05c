"""The modal that waits for a check. It is drawn again while the check goes on."""

import asyncio

import structlog

from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.errors import UNREACHABLE, error_name
from bot.views.people.dialogs import progress_view
from flows.errors import StorageUnavailable
from flows.setup.results import ShowProgress

TIMEOUT = 3.0  # seconds; the check's result waits until a running drawing ends

_log = structlog.get_logger(__name__)


class SlackWaitingModal:
    """Implements `flows.checks.shown.WaitingModal`. A failed drawing is only logged."""

    def __init__(self, installations: InstallationLookup, clients: SlackClients) -> None:
        self._installations = installations
        self._clients = clients

    async def show(self, tenant_id: str, progress: ShowProgress) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._draw(tenant_id, progress)
        except (*UNREACHABLE, StorageUnavailable) as error:
            if error_name(error) != "not_found":  # closed, or not there yet
                _log.info("progress_not_shown", tenant_id=tenant_id, reason=error_name(error))

    async def _draw(self, tenant_id: str, progress: ShowProgress) -> None:
        found = await self._installations.find(tenant_id)
        if found:
            client = self._clients.with_token(found[1])
            await client.views_update(external_id=progress.check_id, view=progress_view(progress))
