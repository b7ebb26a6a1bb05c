"""The only way for a message to leave: sends the outbox, each conversation in order."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import structlog

from bot.metrics import Metrics
from bot.outbound.calls import GateFar, Later, Revoked
from bot.outbound.channel import ChannelUnknown
from bot.outbound.clients import SLACK_TIMEOUT
from bot.outbound.errors import UNREACHABLE, ErrorClass, class_of, error_name
from bot.outbound.lines import Lines
from bot.outbound.once import ClaimedMessage
from bot.outbound.removal import Removal
from bot.outbound.render import Sender, Undeliverable
from flows.errors import (
    DirectoryUnavailable,
    NotFound,
    NotInstalled,
    RowUnreadable,
    StorageUnavailable,
)
from flows.kept import Bounded
from flows.outbox.bodies import DrawCard, DrawHome, DrawWindow, Personal
from flows.outbox.messages import (
    NO_CHANNEL,
    UNTIL_CHANNEL,
    Attempt,
    StoredMessage,
    UnreadableBody,
    is_edit,
    next_turn,
    sendable,
)
from flows.ports import Clock, Unguarded, UnitOfWork, UnitOfWorkFactory
from flows.recording import Also

ATTEMPT = timedelta(seconds=SLACK_TIMEOUT)  # for all calls of one attempt
MESSAGE_BATCH = 20
MOST = 200  # messages in a row
ENOUGH_ATTEMPTS = 12
LONG_ENOUGH = timedelta(days=1)  # both must be reached before a failing message is given up
MESSAGE_BACKOFF = (1.0, 2.0, 5.0, 15.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
CHANNEL_CLOSED = 60.0  # seconds until the first look whether the app was let in
MOST_STRETCHED, SPREAD = 32, 16  # times
MOST_REFUSED = 10_000  # messages of which we remember since when they are refused
# A claim lasts this much longer than its calls may, since machines' clocks differ.
CLOCK_SKEW = timedelta(seconds=5)
SAVE_AGAIN = (0.2, 1.0, 3.0)  # seconds between tries to store that Slack has a message
MAY_PASS = (ErrorClass.PASSING, ErrorClass.DOUBTFUL, ErrorClass.CLOSED)
DRAWN_ANEW = (DrawCard, DrawHome, DrawWindow)  # of several in a row, only the last is sent

_log = structlog.get_logger(__name__)


class AttemptOutcome(StrEnum):
    """Of one attempt, as it is counted."""

    SENT = "sent"
    LATER = "later"
    WAITING = "waiting"
    GIVEN_UP = "given up"


# The conversation goes on to its next message.
DONE_WITH = (AttemptOutcome.SENT, AttemptOutcome.GIVEN_UP)


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How an attempt ended, and what has to be stored about it. None: that is stored already."""

    outcome: AttemptOutcome
    store: Also | None
    why: str = ""


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
        self._lines = Lines()
        self._refused_since = Bounded[int, datetime](MOST_REFUSED)

    async def drain(self, tenant_id: str, conversation: str) -> datetime | None:
        """Sends what is due in one conversation. Messages that cannot go now stay stored.

        Returns when the conversation is due again, or None if nothing waits.
        """
        known: Sequence[StoredMessage] | None = None
        for _ in range(MOST):
            claimed, known = await self._claim_next(tenant_id, conversation, known)
            if claimed is None:
                break
            ended = await self._carry_out(claimed)
            if ended.outcome not in DONE_WITH:
                known = await self._keep(claimed.stored, ended, look=True)
                break
            await self._keep(claimed.stored, ended)
        return self._real.now() if known is None else next_turn(known)

    async def _claim_next(
        self, tenant_id: str, conversation: str, known: Sequence[StoredMessage] | None
    ) -> tuple[ClaimedMessage | None, Sequence[StoredMessage] | None]:
        """Stores the attempt before it begins. Nothing is claimed if nothing may go now, or if
        another worker was faster.

        Also returns what waits besides; None if it may be more than is known. Whatever is added
        later makes the conversation due anew, so nobody has to look for it here, unless only edits
        are left, which it goes before.
        """
        now = self._real.now()
        if known is not None and not sendable(known, now):
            return None, known
        async with self._uow(tenant_id) as work:
            waiting = list(known or await work.outbox.waiting(conversation, MESSAGE_BATCH))
            is_all = known is not None or len(waiting) < MESSAGE_BATCH
            batch = sendable(waiting, now)
            while batch and _is_outdone(batch[0], batch[1:]):
                waiting.remove(outdone := batch.pop(0))
                await work.outbox.mark_sent(outdone.sequence, "", "")
            if not batch:
                return None, waiting
            seen = batch[0]
            started_at = seen.attempt.started_at if seen.attempt else self._clock.now()
            attempt = Attempt(started_at, now + ATTEMPT)
            claimed = await work.outbox.claim(seen, attempt, attempt.until + CLOCK_SKEW)
            if claimed is None:
                waiting = list(await work.outbox.waiting(conversation, MESSAGE_BATCH))
            await work.commit()
        if claimed is None:
            return None, waiting
        waiting.remove(seen)
        is_all = is_all and not any(map(is_edit, waiting[:1]))
        return ClaimedMessage(claimed, seen.attempt), waiting if is_all else None

    async def _keep(
        self, stored: StoredMessage, ended: AttemptEnd, *, look: bool = False
    ) -> Sequence[StoredMessage]:
        """Stores how an attempt ended. With `look`, reads in the same transaction what waits."""
        # If it is not stored that Slack has a message, Slack must be asked later: so try again.
        pauses = iter(SAVE_AGAIN if ended.outcome is AttemptOutcome.SENT else ())
        # Also for a customer who is leaving, because erasing their data waits for this.
        unguarded = Unguarded.LEAVING if ended.outcome is AttemptOutcome.SENT else None
        waiting: Sequence[StoredMessage] = ()
        while True:
            try:
                async with self._uow(stored.tenant_id, unguarded=unguarded) as work:
                    if ended.store:
                        await ended.store(work)
                    if look:
                        waiting = await work.outbox.waiting(
                            stored.message.conversation, MESSAGE_BATCH
                        )
                    await work.commit()
                break
            except StorageUnavailable:
                if (pause := next(pauses, None)) is None:
                    raise
                await asyncio.sleep(pause)
        kind = stored.message.body.kind
        if ended.outcome is AttemptOutcome.GIVEN_UP:
            about = {"tenant_id": stored.tenant_id, "sequence": stored.sequence}
            _log.error("message_given_up", **about, kind=kind, error=ended.why)
        self._metrics.message(kind, ended.outcome)
        return waiting

    async def _carry_out(self, claimed: ClaimedMessage) -> AttemptEnd:
        """Makes one attempt."""
        stored = claimed.stored
        left = stored.attempt.until - self._real.now() if stored.attempt else timedelta()
        try:
            async with asyncio.timeout(left.total_seconds()):
                # The calls compare with this machine's clock.
                placed = await self._sender.send(claimed, datetime.now(UTC) + left)
        except Later as later:
            return self._put_off(claimed, str(later), self._until_turn(stored, later))
        except ChannelUnknown as error:
            return self._wait_for_channel(claimed, str(error))
        except Revoked as error:
            # The next try finds a new token, or fails for lack of one.
            await self._removal.refused(error.tenant_id, error.token, str(error))
            return self._put_off(claimed, str(error), _backoff(stored))
        except Undeliverable as error:
            return await self._give_up(claimed, str(error))
        except NotFound:
            if isinstance(stored.message.body, Personal):
                return await self._give_up(claimed, "integration_gone")
            placed = "", ""  # whoever has left needs no drawing: the farewell says the last word
        except DirectoryUnavailable as error:
            return self._put_off(claimed, str(error) or "directory", _backoff(stored))
        except UNREACHABLE as error:
            return await self._failed(claimed, error)
        except StorageUnavailable:
            raise  # the job waits for the database
        except RowUnreadable as error:  # the log has the row
            return await self._failed(claimed, error)
        except Exception as error:  # noqa: BLE001 - an edge: one bad message must not block others
            _log.exception("message_broken", tenant_id=stored.tenant_id, sequence=stored.sequence)
            return await self._failed(claimed, error)
        return AttemptEnd(
            AttemptOutcome.SENT, lambda work: work.outbox.mark_sent(stored.sequence, *placed)
        )

    async def _failed(self, claimed: ClaimedMessage, error: Exception) -> AttemptEnd:
        stored, name, kind = claimed.stored, error_name(error), class_of(error)
        _log.warning(
            "message_not_sent",
            tenant_id=stored.tenant_id,
            sequence=stored.sequence,
            error=name,
            attempt=stored.attempts,
        )
        if kind is ErrorClass.UNSCOPED:
            return self._put_off(claimed, name, self._ever_rarer(stored, CHANNEL_CLOSED))
        if kind not in MAY_PASS or self._is_enough(stored):
            return await self._give_up(claimed, name, by_slack=True)
        wait = _apart(stored, _backoff(stored))
        if kind is ErrorClass.DOUBTFUL and not isinstance(stored.message.body, UnreadableBody):
            claimed.doubt = claimed.doubt or stored.attempt
            wait = max(wait, self._until_settled(stored))
        return self._put_off(claimed, name, wait)

    def _is_enough(self, stored: StoredMessage) -> bool:
        old = self._real.now() - stored.created_at >= LONG_ENOUGH
        return old and stored.attempts >= ENOUGH_ATTEMPTS

    def _until_settled(self, stored: StoredMessage) -> float:
        """Seconds until Slack can be asked whether a direct message arrived. 0 for others."""
        if not stored.is_direct or stored.attempt is None:
            return 0.0
        return (stored.attempt.until - self._real.now()).total_seconds()

    def _wait_for_channel(self, claimed: ClaimedMessage, why: str) -> AttemptEnd:
        """Puts the message off until a channel is bound, or looks again soon if one is closed."""
        stored = claimed.stored
        wait = _apart(stored, UNTIL_CHANNEL.total_seconds())
        if why:
            _log.warning("csm_channel_closed", tenant_id=stored.tenant_id, error=why)
            wait = self._ever_rarer(stored, CHANNEL_CLOSED)
        return self._put_off(claimed, why or NO_CHANNEL, wait, AttemptOutcome.WAITING)

    def _until_turn(self, stored: StoredMessage, later: Later) -> float:
        """Seconds until the next try. At a crowded gate they follow each other."""
        if not isinstance(later, GateFar):
            return later.seconds
        now = self._real.now().timestamp()
        first = now + later.seconds
        return self._lines.place(stored.sequence, later.tenant_id, later.costs, first) - now

    def _ever_rarer(self, stored: StoredMessage, seconds: float) -> float:
        """At least so many seconds, and as long as the message has been refused already, which
        doubles it each time. Neither its age nor its tries count: it may have waited for a worker.
        """
        now = self._real.now()
        since = self._refused_since.get(stored.sequence)
        if since is None:
            since = self._refused_since[stored.sequence] = now
        waited = (now - since).total_seconds()
        return _apart(stored, min(max(seconds, waited), seconds * MOST_STRETCHED))

    def _put_off(
        self,
        claimed: ClaimedMessage,
        why: str,
        seconds: float,
        outcome: AttemptOutcome = AttemptOutcome.LATER,
    ) -> AttemptEnd:
        stored = replace(claimed.stored, attempt=claimed.doubt)
        due_at = self._real.now() + timedelta(seconds=seconds)
        return AttemptEnd(outcome, lambda work: work.outbox.put_off(stored, why, due_at), why)

    async def _give_up(
        self, claimed: ClaimedMessage, why: str, *, by_slack: bool = False
    ) -> AttemptEnd:
        stored = replace(claimed.stored, attempt=claimed.doubt)

        async def give_up(work: UnitOfWork) -> None:
            await work.outbox.give_up(stored, why)

        is_told = by_slack and await self._told(stored, give_up)
        return AttemptEnd(AttemptOutcome.GIVEN_UP, None if is_told else give_up, why)

    async def _told(self, stored: StoredMessage, give_up: Also) -> bool:
        """Gives up a message to a customer's person in the same transaction in which those who need
        to hear of it do. False if it is none, or nobody can: the customer is leaving, or the set-up
        cannot be read.
        """
        if not (isinstance(stored.message.body, Personal) and stored.message.integration_id):
            return False
        try:
            await self._sender.undelivered(stored, give_up)
        except (NotFound, NotInstalled, RowUnreadable):
            return False
        return True


def _backoff(stored: StoredMessage) -> float:
    return MESSAGE_BACKOFF[min(stored.attempts - 1, len(MESSAGE_BACKOFF) - 1)]


def _apart(stored: StoredMessage, seconds: float) -> float:
    """Stretches a delay up to twofold, so that messages that failed together are spread out."""
    return seconds * (1 + stored.sequence % SPREAD / SPREAD)


def _is_outdone(stored: StoredMessage, later: Sequence[StoredMessage]) -> bool:
    body = stored.message.body
    return isinstance(body, DRAWN_ANEW) and any(other.message.body == body for other in later)
