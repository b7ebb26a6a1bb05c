"""Modals that wait: for a check, or for the figures of a Replay. They are drawn again behind."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog
from slack_sdk.models.views import View

from bot.clock import new_id
from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.errors import UNREACHABLE, error_name
from bot.views.people.dialogs import progress_view
from flows.errors import NotFound, NotInstalled, StorageUnavailable
from flows.replay.form import Replaying
from flows.setup.results import ShowProgress, ShowStep

TIMEOUT = 3.0  # seconds; the check's result waits until a running drawing ends
# Seconds before each try: an acknowledgement or a click may still be on its way to Slack.
SETTLES = (0.1, 0.3, 1.0, 2.0)
Draw = Callable[[ShowStep], View]

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

    async def fill(self, tenant_id: str, form_id: str, view: View) -> None:
        """Draws this into an open form, as soon as Slack knows it. Closed ones stay closed."""
        for pause in SETTLES:
            await asyncio.sleep(pause)
            try:
                async with asyncio.timeout(TIMEOUT):
                    found = await self._installations.find(tenant_id)
                    if found:
                        client = self._clients.with_token(found[1])
                        await client.views_update(external_id=form_id, view=view)
                return
            except (*UNREACHABLE, StorageUnavailable) as error:
                if error_name(error) != "not_found":
                    _log.info("form_not_filled", tenant_id=tenant_id, reason=error_name(error))
                    return


class Filling:
    """Fills in forms of a Replay that were opened before Segment's figures were there."""

    def __init__(self, replaying: Replaying, modal: SlackWaitingModal) -> None:
        self._replaying = replaying
        self._modal = modal
        self._behind: set[asyncio.Task[None]] = set()

    def follow(self, shown: ShowStep, draw: Draw) -> ShowStep:
        """The same with an id, by which the form that is drawn from it is found again."""
        waiting = replace(shown, measuring=new_id("form"))
        task = asyncio.create_task(self._fill(waiting, draw))
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)
        return waiting

    async def _fill(self, shown: ShowStep, draw: Draw) -> None:
        with suppress(StorageUnavailable, NotFound, NotInstalled):  # the form says so when pressed
            filled = await self._replaying.filled_in(shown.situation)
            if filled:
                view = draw(replace(shown, situation=filled, measuring=""))
                tenant_id = filled.integration.tenant_id
                await self._modal.fill(tenant_id, shown.measuring, view)

    async def stop(self) -> None:
        left = tuple(self._behind)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
