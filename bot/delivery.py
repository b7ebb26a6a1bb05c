"""The only way a message leaves: a stored intent → chat.postMessage, chat.update, views.…"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import Answers
from bot.authorize import Installations
from bot.csm_desk import ChannelUnknown, CsmDesk
from bot.metrics import Metrics
from bot.slack import SlackClients
from bot.slack_errors import UNREACHABLE, error_name, is_passing, retry_after
from bot.views.check_message import check_done, parse_error
from bot.views.home import HISTORY_SHOWN, home_view
from bot.views.messages import render
from flows.errors import NotFound
from flows.model import Screen, Situation
from flows.ports import UnitOfWorkFactory
from flows.recording import Recorder
from flows.records import MessageKind, StoredMessage
from flows.results import Notice, ShowStep

BATCH = 20
MAX_BATCHES = 10
MAX_ATTEMPTS = 12
BACKOFF = (1.0, 2.0, 5.0, 15.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
MODAL_SETTLES = timedelta(seconds=4)  # until then an acknowledgement may still be on its way
LOOK_AGAIN = 0.7  # seconds
DRAWN_ANEW = (MessageKind.CARD, MessageKind.HOME)  # only the newest of a row is worth sending

_log = structlog.get_logger(__name__)


class Later(Exception):
    """Not now: try this message again after so many seconds, without counting it as a failure."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


class Undeliverable(Exception):
    """Slack will never take this message; the reason is a name without secrets."""


class Delivery:
    """Sends what the outbox holds, one conversation at a time, in order."""

    def __init__(
        self,
        recorder: Recorder,
        installations: Installations,
        clients: SlackClients,
        desk: CsmDesk,
        answers: Answers,
        metrics: Metrics,
    ) -> None:
        self._recorder = recorder
        self._uow: UnitOfWorkFactory = recorder.uow
        self._installations = installations
        self._clients = clients
        self._desk = desk
        self._answers = answers
        self._metrics = metrics

    async def drain(self, tenant_id: str, conversation: str) -> None:
        """Sends what is due in one conversation; whatever cannot go now stays stored."""
        for _ in range(MAX_BATCHES):
            async with self._uow(tenant_id, write=False) as work:
                batch = await work.outbox.due(conversation, _real_now(), BATCH)
            if not batch or not await self._send_all(batch):
                return

    async def _send_all(self, batch: Sequence[StoredMessage]) -> bool:
        for position, stored in enumerate(batch):
            if _is_outdone(stored, batch[position + 1 :]):
                await self._mark_sent(stored, "", "")
            elif not await self._send_one(stored):
                return False
        return True

    async def _send_one(self, stored: StoredMessage) -> bool:
        """Whether the conversation may go on."""
        try:
            channel_id, ts = await self._send(stored)
        except Later as later:
            await self._mark_failed(stored, "later", later.seconds)
            return False
        except ChannelUnknown:
            return False  # stays due: the tick comes back once a channel is bound
        except (Undeliverable, NotFound) as error:
            await self._mark_failed(stored, str(error), None)
            return True
        except UNREACHABLE as error:
            return await self._failed(stored, error)
        await self._mark_sent(stored, channel_id, ts)
        return True

    async def _failed(self, stored: StoredMessage, error: Exception) -> bool:
        name = error_name(error)
        _log.warning(
            "message_not_sent",
            tenant_id=stored.tenant_id,
            sequence=stored.sequence,
            error=name,
            attempt=stored.attempts + 1,
        )
        if not is_passing(error) or stored.attempts + 1 >= MAX_ATTEMPTS:
            await self._mark_failed(stored, name, None)
            return True
        backoff = BACKOFF[min(stored.attempts, len(BACKOFF) - 1)]
        await self._mark_failed(stored, name, max(backoff, retry_after(error) or 0.0))
        return False

    async def _mark_sent(self, stored: StoredMessage, channel_id: str, ts: str) -> None:
        async with self._uow(stored.tenant_id) as work:
            await work.outbox.mark_sent(stored.sequence, channel_id, ts)
            await work.commit()
        self._metrics.message(stored.message.kind.value, "sent")

    async def _mark_failed(self, stored: StoredMessage, error: str, seconds: float | None) -> None:
        due_at = None if seconds is None else _real_now() + timedelta(seconds=seconds)
        async with self._uow(stored.tenant_id) as work:
            await work.outbox.mark_failed(stored.sequence, error, due_at)
            await work.commit()
        outcome = "given up" if due_at is None else "later"
        self._metrics.message(stored.message.kind.value, outcome)

    async def _send(self, stored: StoredMessage) -> tuple[str, str]:
        """Sends one message; answers with its channel and timestamp where it has them."""
        kind = stored.message.kind
        if kind in (MessageKind.CARD, MessageKind.THREAD):
            return await self._desk.send(stored)
        found = await self._installations.find(stored.tenant_id)
        if found is None:
            raise Undeliverable("not_installed")
        client = self._clients.with_token(found[1])
        user_id = stored.message.conversation.partition(":")[2]
        if kind is MessageKind.HOME:
            return await self._publish_home(client, stored, user_id)
        situation = await self._situation(stored)
        if kind is MessageKind.CHECK_DONE:
            if await self._shown_in_modal(client, stored, situation):
                return "", ""
            rendered = check_done(stored.message.params, situation)
        else:
            rendered = render(kind, stored.message.params, situation)
        answer = await client.chat_postMessage(
            channel=user_id,
            text=rendered.text,
            blocks=rendered.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(answer["channel"]), str(answer["ts"])

    async def _situation(self, stored: StoredMessage) -> Situation:
        async with self._uow(stored.tenant_id, write=False) as work:
            return await self._recorder.load(work, stored.message.integration_id)

    async def _publish_home(
        self, client: AsyncWebClient, stored: StoredMessage, user_id: str
    ) -> tuple[str, str]:
        integration_id = stored.message.integration_id
        if not integration_id:
            await client.views_publish(user_id=user_id, view=home_view(None, ()))
            return "", ""
        async with self._uow(stored.tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
            events = await work.history.latest(integration_id, HISTORY_SHOWN)
        await client.views_publish(user_id=user_id, view=home_view(situation, events))
        return "", ""

    async def _shown_in_modal(
        self, client: AsyncWebClient, stored: StoredMessage, situation: Situation
    ) -> bool:
        """Draws the result into the waiting modal, found by the check's id.

        Before the acknowledgement that shows the progress view has been applied, Slack does not
        know that id: it is asked again until an acknowledgement cannot be on its way any more.
        """
        view = self._answers.view(result_of(stored, situation), stored.message.params["check"])
        try:
            await client.views_update(external_id=stored.message.params["check"], view=view)
        except UNREACHABLE as error:
            if error_name(error) != "not_found":
                raise
            if _real_now() - stored.created_at < MODAL_SETTLES:
                raise Later(LOOK_AGAIN) from error
            return False
        return True


def result_of(stored: StoredMessage, situation: Situation) -> ShowStep:
    """What a check that ended behind its modal has to show."""
    params = stored.message.params
    errors = (parse_error(params),) if "error" in params else ()
    notice = Notice(params["notice"]) if "notice" in params else None
    typed = json.loads(params.get("typed", "{}"))
    return ShowStep(Screen(params["screen"]), situation, errors=errors, notice=notice, typed=typed)


def _is_outdone(stored: StoredMessage, later: Sequence[StoredMessage]) -> bool:
    kind = stored.message.kind
    return kind in DRAWN_ANEW and any(other.message.kind is kind for other in later)


def _real_now() -> datetime:
    """Backoff and rate limits stay on real time, wherever the injected clock is."""
    return datetime.now(UTC)
