"""Draws into windows that people have open, which are found by their names."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View

from bot.outbound.calls import Later, Outgoing
from bot.outbound.errors import PASSES, class_of, error_name
from bot.outbound.waiting_modal import result_of
from flows.model import Screen, Situation
from flows.outbox.bodies import CheckDone
from flows.outbox.messages import StoredMessage
from flows.outbox.windows import remember_windows
from flows.ports import Clock
from flows.recording import Recorder
from flows.setup.results import Ended, Result, ShowStep
from flows.setup.screens import reachable

WINDOW_SETTLES = timedelta(seconds=4)  # until then an acknowledgement may still be on its way
WINDOW_AGAIN = 0.7  # seconds

DrawResult = Callable[[Result, str], View]  # draws a result; the text is a nonce for its inputs

_log = structlog.get_logger(__name__)


class Windows:
    """`real` is the time that all machines share."""

    def __init__(self, recorder: Recorder, real: Clock, draw: DrawResult) -> None:
        self._recorder = recorder
        self._real = real
        self._draw = draw

    async def show(
        self, outgoing: Outgoing, stored: StoredMessage, done: CheckDone, situation: Situation
    ) -> bool:
        """Draws the result of a check into the waiting modal, found by the check's id.

        False if there is none.
        """
        result = result_of(done, situation)
        if isinstance(result, ShowStep) and result.screen is Screen.LIVE_SYNC:
            result = replace(result, window=done.check)  # it keeps its name
        if not await self._updated(outgoing, stored, done.check, result):
            return False
        if isinstance(result, ShowStep) and result.window:
            await remember_windows(self._recorder, {result.window: situation})
        return True

    async def fill_in(
        self,
        outgoing: Outgoing,
        stored: StoredMessage,
        window: str,
        situation: Situation,
        *,
        is_over: bool,
    ) -> None:
        """Draws live sync anew where it is still shown, or that its set-up `is_over`.

        A window that shows something else by now has lost its name, so nobody is thrown back.
        """
        result: Result = Ended(situation)
        if not is_over:
            screen = reachable(situation, Screen.LIVE_SYNC)
            result = ShowStep(screen, situation, window=window)
        if not await self._updated(outgoing, stored, window, result, may_come=False):
            await self._lose(stored, window)

    async def _lose(self, stored: StoredMessage, window: str) -> None:
        """Forgets a window, unless the acknowledgement that brings it may still be on its way."""
        async with self._recorder.uow(stored.tenant_id) as work:
            now = await self._recorder.load(work, stored.message.integration_id)
            since = now.observed.windows.get(window)
            if since is not None and now.now - since < WINDOW_SETTLES:
                self._look_again(stored)
            await work.observations.forget_windows(now.integration.id, [window])
            await work.commit()

    async def _updated(
        self,
        outgoing: Outgoing,
        stored: StoredMessage,
        name: str,
        result: Result,
        *,
        may_come: bool = True,
    ) -> bool:
        """Draws into the modal with this name. False if there is none, or Slack refuses to.

        Slack does not know a name until it has applied the acknowledgement that brings it.
        So this tries again for as long as an acknowledgement may still be on its way, if one can.
        """
        try:
            await outgoing.update_view(name, self._draw(result, name))
        except SlackApiError as error:
            if class_of(error) in PASSES:
                raise
            reason = error_name(error)
            if reason != "not_found":
                _log.warning("window_not_drawn", tenant_id=stored.tenant_id, reason=reason)
            elif may_come:
                self._look_again(stored)
            return False
        return True

    def _look_again(self, stored: StoredMessage) -> None:
        """Raises `Later` while an acknowledgement may still be on its way."""
        if self._real.now() - stored.created_at < WINDOW_SETTLES:
            raise Later(WINDOW_AGAIN, "modal_not_there")
