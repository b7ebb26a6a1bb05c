"""The only way for a message to leave: sends the outbox, each conversation in order."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from bot.metrics import Metrics
from bot.outbound.calls import GateFar, Later, Revoked
from bot.outbound.channel import ChannelUnknown
from bot.outbound.clients import TIMEOUT
from bot.outbound.errors import UNREACHABLE, ErrorClass, class_of, error_name
from bot.outbound.once import ClaimedMessage
from bot.outbound.removal import Removal
from bot.outbound.render import Sender, Undeliverable
from flows.errors import DirectoryUnavailable, NotFound, NotInstalled, StorageUnavailable
from flows.outbox.bodies import DrawCard, DrawHome, DrawWindow, Personal
from flows.outbox.messages import Attempt, StoredMessage, next_turn, sendable
from flows.ports import Clock, Unguarded, UnitOfWork, UnitOfWorkFactory
from flows.recording import Also

ATTEMPT = timedelta(seconds=TIMEOUT)  # for all calls of one attempt
BATCH = 20
MAX_BATCHES = 10
ENOUGH_ATTEMPTS = 12
LONG_ENOUGH = timedelta(days=1)  # both must be reached before a failing message is given up
BACKOFF = (1.0, 2.0, 5.0, 15.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
NO_CHANNEL = 86400.0  # seconds; binding a channel makes waiting messages due at once
CHANNEL_CLOSED = 60.0  # seconds until the first look whether the app was let in
MOST_DOUBLINGS, SPREAD = 5, 16
# A claim lasts this much longer than its calls may, since machines' clocks differ.
CLOCK_SKEW = timedelta(seconds=5)
SAVE_AGAIN = (0.2, 1.0, 3.0)  # seconds between tries to store that Slack has a message
MAY_PASS = (ErrorClass.PASSING, ErrorClass.DOUBTFUL, ErrorClass.CLOSED)
DRAWN_ANEW = (DrawCard, DrawHome, DrawWindow)  # of several in a row, only the last is sent

_log = structlog.get_logger(__name__)


class Deliverer:
    """Sends due messages and stores what is known about each attempt.

    `clock` is Slack's time. Backoff and deadlines use `real` time, which all machines share.
    """

    def __init__(
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        real: Clock,
        sender: Sender,
        removal: Removal,
        metrics: Metrics,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._real = real
        self._sender = sender
        self._removal = removal
        self._metrics = metrics

    async def drain(self, tenant_id: str, conversation: str) -> datetime | None:
        """Sends what is due in one conversation. Messages that cannot go now stay stored.

        Returns when the conversation is due again, or None if nothing waits.
        """
        for _ in range(MAX_BATCHES):
            async with self._uow(tenant_id, write=False) as work:
                waiting = await work.outbox.waiting(conversation, BATCH)
            batch = sendable(waiting, self._real.now())
            if not batch:
                return next_turn(waiting)
            if not await self._send_all(batch):
                break
        async with self._uow(tenant_id, write=False) as work:
            return next_turn(await work.outbox.waiting(conversation, BATCH))

    async def _send_all(self, batch: Sequence[StoredMessage]) -> bool:
        for position, stored in enumerate(batch):
            if _is_outdone(stored, batch[position + 1 :]):
                await self._mark_sent(stored, "", "")
                continue
            claimed = await self._claim(stored)
            if claimed is None or not await self._carry_out(claimed):
                return False
        return True

    async def _claim(self, seen: StoredMessage) -> ClaimedMessage | None:
        """Stores the attempt before it begins. None if another worker was faster."""
        now = self._real.now()
        started_at = seen.attempt.started_at if seen.attempt else self._clock.now()
        attempt = Attempt(started_at, now + ATTEMPT)
        async with self._uow(seen.tenant_id) as work:
            claimed = await work.outbox.claim(seen, attempt, attempt.until + CLOCK_SKEW)
            await work.commit()
        return ClaimedMessage(claimed, seen.attempt) if claimed else None

    async def _carry_out(self, claimed: ClaimedMessage) -> bool:
        """Makes one attempt. Returns whether the conversation may go on to its next message."""
        stored = claimed.stored
        left = stored.attempt.until - self._real.now() if stored.attempt else timedelta()
        try:
            async with asyncio.timeout(left.total_seconds()):
                # The calls compare with this machine's clock.
                channel_id, ts = await self._sender.send(claimed, datetime.now(UTC) + left)
        except Later as later:
            await self._put_off(claimed, str(later), _spread(stored, later))
            return False
        except ChannelUnknown as error:
            await self._wait_for_channel(claimed, str(error))
            return False
        except Revoked as error:
            return await self._revoked(claimed, error)
        except Undeliverable as error:
            await self._give_up(claimed, str(error))
            return True
        except NotFound:
            await self._give_up(claimed, "integration_gone")
            return True
        except DirectoryUnavailable as error:
            await self._put_off(claimed, str(error) or "directory", _backoff(stored))
            return False
        except UNREACHABLE as error:
            return await self._failed(claimed, error)
        except StorageUnavailable:
            raise  # the job waits for the database
        except Exception as error:  # noqa: BLE001 - an edge: one bad message must not block others
            _log.exception("message_broken", tenant_id=stored.tenant_id, sequence=stored.sequence)
            return await self._failed(claimed, error)
        await self._keep_sent(stored, channel_id, ts)
        return True

    async def _failed(self, claimed: ClaimedMessage, error: Exception) -> bool:
        stored, name, kind = claimed.stored, error_name(error), class_of(error)
        _log.warning(
            "message_not_sent",
            tenant_id=stored.tenant_id,
            sequence=stored.sequence,
            error=name,
            attempt=stored.attempts,
        )
        if kind not in MAY_PASS or self._is_enough(stored):
            await self._give_up(claimed, name, by_slack=True)
            return True
        wait = _apart(stored, _backoff(stored))
        if kind is ErrorClass.DOUBTFUL:
            claimed.doubt = claimed.doubt or stored.attempt
            wait = max(wait, self._until_settled(stored))
        await self._put_off(claimed, name, wait)
        return False

    def _is_enough(self, stored: StoredMessage) -> bool:
        old = self._real.now() - stored.created_at >= LONG_ENOUGH
        return old and stored.attempts >= ENOUGH_ATTEMPTS

    def _until_settled(self, stored: StoredMessage) -> float:
        """Seconds until Slack can be asked whether a direct message arrived. 0 for others."""
        if not stored.is_direct or stored.attempt is None:
            return 0.0
        return (stored.attempt.until - self._real.now()).total_seconds()

    async def _revoked(self, claimed: ClaimedMessage, error: Revoked) -> bool:
        """Reports the refused token. The next try finds a new one, or fails for lack of one."""
        await self._removal.refused(error.tenant_id, error.token, str(error))
        await self._put_off(claimed, str(error), _backoff(claimed.stored))
        return False

    async def _wait_for_channel(self, claimed: ClaimedMessage, why: str) -> None:
        """Puts the message off until a channel is bound, or looks again soon if one is closed."""
        stored = claimed.stored
        if why:
            _log.warning("csm_channel_closed", tenant_id=stored.tenant_id, error=why)
        closed = CHANNEL_CLOSED * 2 ** min(stored.attempts - 1, MOST_DOUBLINGS)
        wait = closed if why else NO_CHANNEL
        await self._store_put_off(claimed, why or "no_channel", _apart(stored, wait))
        self._metrics.message(stored.message.body.kind, "waiting")

    async def _put_off(self, claimed: ClaimedMessage, why: str, seconds: float) -> None:
        await self._store_put_off(claimed, why, seconds)
        self._metrics.message(claimed.stored.message.body.kind, "later")

    async def _store_put_off(self, claimed: ClaimedMessage, why: str, seconds: float) -> None:
        stored = replace(claimed.stored, attempt=claimed.doubt)
        async with self._uow(stored.tenant_id) as work:
            due_at = self._real.now() + timedelta(seconds=seconds)
            await work.outbox.put_off(stored, why, due_at)
            await work.commit()

    async def _give_up(self, claimed: ClaimedMessage, why: str, *, by_slack: bool = False) -> None:
        stored = replace(claimed.stored, attempt=claimed.doubt)

        async def give_up(work: UnitOfWork) -> None:
            await work.outbox.give_up(stored, why)

        if not (by_slack and await self._told(stored, give_up)):
            async with self._uow(stored.tenant_id) as work:
                await give_up(work)
                await work.commit()
        _log.error(
            "message_given_up",
            tenant_id=stored.tenant_id,
            sequence=stored.sequence,
            kind=stored.message.body.kind,
            error=why,
        )
        self._metrics.message(stored.message.body.kind, "given up")

    async def _told(self, stored: StoredMessage, give_up: Also) -> bool:
        """Gives up a message to a customer's person in the same transaction in which those who need
        to hear of it do. False if it is none, or the customer is leaving.
        """
        if not (isinstance(stored.message.body, Personal) and stored.message.integration_id):
            return False
        try:
            await self._sender.undelivered(stored, give_up)
        except (NotFound, NotInstalled):
            return False
        return True

    async def _keep_sent(self, stored: StoredMessage, channel_id: str, ts: str) -> None:
        """Retries at once, because if this is not stored, Slack must be asked later."""
        for pause in SAVE_AGAIN:
            try:
                return await self._mark_sent(stored, channel_id, ts)
            except StorageUnavailable:
                await asyncio.sleep(pause)
        return await self._mark_sent(stored, channel_id, ts)

    async def _mark_sent(self, stored: StoredMessage, channel_id: str, ts: str) -> None:
        # Also for a customer who is leaving, because erasing their data waits for this.
        async with self._uow(stored.tenant_id, unguarded=Unguarded.LEAVING) as work:
            await work.outbox.mark_sent(stored.sequence, channel_id, ts)
            await work.commit()
        self._metrics.message(stored.message.body.kind, "sent")


def _backoff(stored: StoredMessage) -> float:
    return BACKOFF[min(stored.attempts - 1, len(BACKOFF) - 1)]


def _spread(stored: StoredMessage, later: Later) -> float:
    """Seconds until the next try. At a crowded gate the tries become rarer and spread out."""
    if not isinstance(later, GateFar):
        return later.seconds
    return _apart(stored, later.seconds * 2 ** min(stored.attempts - 1, MOST_DOUBLINGS))


def _apart(stored: StoredMessage, seconds: float) -> float:
    """Stretches a delay up to twofold, so that messages that failed together are spread out."""
    return seconds * (1 + stored.sequence % SPREAD / SPREAD)


def _is_outdone(stored: StoredMessage, later: Sequence[StoredMessage]) -> bool:
    body = stored.message.body
    return isinstance(body, DRAWN_ANEW) and any(other.message.body == body for other in later)
