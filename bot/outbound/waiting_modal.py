"""Modals that wait: for a check, the figures of a Replay, or data. The answer is drawn later."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog
from slack_sdk.models.views import View

from bot.clock import new_id
from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.errors import UNREACHABLE, error_name
from bot.views.people.dialogs import progress_view
from flows.errors import NotFound, NotInstalled, StorageUnavailable
from flows.model import Screen, Situation
from flows.outbox.bodies import CheckDone
from flows.outbox.windows import NextPoll, remember_windows
from flows.recording import Recorder
from flows.replay.form import Replaying
from flows.setup.results import Ended, Notice, NotYours, ShowProgress, ShowStep

DRAWING_TIMEOUT = 3.0  # seconds; the check's result waits until a running drawing ends
# Seconds before each try: an acknowledgement or a click may still be on its way to Slack.
SETTLE_PAUSES = (0.1, 0.3, 1.0, 2.0)
LEAVE_WITHIN = 1.0  # seconds for what is shown to be remembered when the process stops
DrawStep = Callable[[ShowStep], View]

_log = structlog.get_logger(__name__)


def result_of(done: CheckDone, situation: Situation) -> ShowStep | Ended | NotYours:
    """The result of a check that outlived its acknowledgement. `Ended` if the set-up is gone."""
    if done.notice is Notice.DISCONNECTED or not situation.integration.begun:
        return Ended(situation)
    if done.not_allowed:
        return NotYours(situation, done.screen)
    errors = (done.error,) if done.error else ()
    shown = ShowStep(done.screen, situation, errors, done.warnings, done.notice, done.typed)
    return replace(shown, changed=done.changed)


class SlackWaitingModal:
    """Implements `flows.checks.shown.WaitingModal`. A failed drawing is only logged."""

    def __init__(self, installations: InstallationLookup, clients: SlackClients) -> None:
        self._installations = installations
        self._clients = clients

    async def show(self, tenant_id: str, progress: ShowProgress) -> None:
        try:
            await self._draw(tenant_id, progress.check_id, progress_view(progress))
        except (*UNREACHABLE, StorageUnavailable) as error:
            if error_name(error) != "not_found":  # closed, or not there yet
                _log.info("progress_not_shown", tenant_id=tenant_id, reason=error_name(error))

    async def _draw(self, tenant_id: str, external_id: str, view: View) -> None:
        async with asyncio.timeout(DRAWING_TIMEOUT):
            if found := await self._installations.find(tenant_id):
                client = self._clients.with_token(found[1])
                if found[0].is_enterprise_install:
                    client = self._clients.of_organisation(tenant_id, found[1])
                await client.views_update(external_id=external_id, view=view)

    async def fill(self, tenant_id: str, form_id: str, view: View) -> None:
        """Draws this into an open form, as soon as Slack knows it. Closed ones stay closed."""
        for pause in SETTLE_PAUSES:
            await asyncio.sleep(pause)
            try:
                await self._draw(tenant_id, form_id, view)
                return
            except (*UNREACHABLE, StorageUnavailable) as error:
                if error_name(error) != "not_found":
                    _log.info("form_not_filled", tenant_id=tenant_id, reason=error_name(error))
                    return


class Filling:
    """Fills in forms of a Replay that were opened before Segment's figures were there.

    It also remembers windows of live sync, so that a later look of any process fills them in.
    Segment is asked more often for a while then: `next_poll` says when. `pause` is the time in
    seconds before that. The answer goes ahead, and many windows are one write.
    """

    def __init__(
        self,
        recorder: Recorder,
        replaying: Replaying,
        modal: SlackWaitingModal,
        pause: float,
        next_poll: NextPoll,
    ) -> None:
        self._next_poll = next_poll
        self._recorder = recorder
        self._replaying = replaying
        self._modal = modal
        self._pause = pause
        self._behind: set[asyncio.Task[None]] = set()
        self._remembering: set[asyncio.Task[None]] = set()  # of these
        self._windows: dict[str, Situation] = {}  # by name, until they are remembered
        self._leaving = asyncio.Event()

    def follow(self, shown: ShowStep, draw: DrawStep) -> ShowStep:
        """Gives what is shown an id, by which the modal that is drawn from it is found again."""
        if shown.screen is not Screen.LIVE_SYNC:
            waiting = replace(shown, measuring=new_id("form"))
            _begin(self._fill(waiting, draw), self._behind)
            return waiting
        waiting = replace(shown, window=new_id("live"))
        if not self._windows:
            _begin(self._remember(), self._behind, self._remembering)
        self._windows[waiting.window] = waiting.situation
        return waiting

    async def _remember(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._leaving.wait(), self._pause)
        shown, self._windows = self._windows, {}
        with suppress(StorageUnavailable):  # "Check again" still works
            await remember_windows(self._recorder, shown, self._next_poll)

    async def _fill(self, shown: ShowStep, draw: DrawStep) -> None:
        with suppress(StorageUnavailable, NotFound, NotInstalled):  # the form says so when pressed
            filled = await self._replaying.filled_in(shown.situation)
            if filled:
                view = draw(replace(shown, situation=filled, measuring=""))
                tenant_id = filled.integration.tenant_id
                await self._modal.fill(tenant_id, shown.measuring, view)

    async def stop(self) -> None:
        """Remembers what is shown, within a moment, and gives up the rest."""
        self._leaving.set()
        if self._remembering:
            await asyncio.wait(self._remembering, timeout=LEAVE_WITHIN)
        left = tuple(self._behind)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _begin(work: Coroutine[Any, Any, None], *of: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    for tasks in of:
        tasks.add(task)
        task.add_done_callback(tasks.discard)
