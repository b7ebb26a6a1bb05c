"""Delivers what is stored for Toplyne's backend, and tells CSMs how that went."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from flows.errors import NotFound, NotInstalled, RowUnreadable, SecretLost
from flows.history import Event
from flows.model import Situation
from flows.ports import Clock, Unguarded, UnitOfWork
from flows.recording import Change, Recorder
from flows.toplyne.envelope import Sealer, envelope, secret_data
from flows.toplyne.events import SentToToplyne, ToplyneDelayed, ToplyneFailed
from flows.toplyne.model import (
    LACKED,
    NO_KEY,
    NO_WEBHOOK,
    SECRET_LOST,
    SECRETS,
    Answered,
    Delivery,
    DeliveryKind,
    DeliveryState,
    StoredDelivery,
)
from flows.toplyne.triggers import held_secret
from flows.vocabulary import Stamp

CLOCK_SKEW = timedelta(seconds=5)  # a claim outlives its try by this
TOLD_AFTER = 2  # failed tries; a single one need not be told to anybody

Write = Callable[[UnitOfWork], Awaitable[bool]]


class Backend(Protocol):
    """Toplyne's side of the webhook."""

    async def post(self, delivery_id: str, body: str, seconds: float) -> Answered:
        """The result of one try, which takes no longer than `seconds`."""
        ...


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Real seconds: how long one try may take, the pauses between tries (the last of `backoff` is
    repeated), how long to keep trying, the longest pause that the receiver may ask for, and the
    longest while a process lacks a setting.
    """

    attempt: float = 10.0
    backoff: tuple[float, ...] = (
        1.0, 5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 43200.0,
    )  # fmt: skip
    in_all: float = 3 * 86400.0
    longest: float = 86400.0
    lacking: float = 300.0


USUAL_RETRY_POLICY = RetryPolicy()


class Superseded(Exception):
    """There is nothing to send: what the delivery brings was replaced or deleted."""


class Lacking(Exception):
    """This process lacks what the delivery needs, by its short name. Another one may have it."""


class ToplyneSender:
    """`clock` is the real time. `jitter` returns a number from 0 to 1: deliveries that all failed
    at one moment are not all retried at one moment. `count` gets the kind and outcome of each try.
    """

    def __init__(
        self,
        recorder: Recorder,
        backend: Backend | None,
        sealer: Sealer | None,
        clock: Clock,
        jitter: Callable[[], float],
        count: Callable[[str, str], None],
        policy: RetryPolicy = USUAL_RETRY_POLICY,
    ) -> None:
        self._recorder = recorder
        self._backend = backend
        self._sealer = sealer
        self._clock = clock
        self._jitter = jitter
        self._count = count
        self._policy = policy

    async def deliver(self, tenant_id: str, delivery_id: str) -> datetime | None:
        """Makes one try, if it is due. Stores the outcome together with what CSMs are told.

        Returns when the next try is due, if there is one.
        """
        stored = await self._claim(tenant_id, delivery_id)
        if stored is not None:
            await self._deliver(stored)
        async with self._recorder.uow(tenant_id, write=False) as work:
            left = await work.deliveries.get(delivery_id)
        return left.due_at if left and left.state is DeliveryState.PENDING else None

    async def _deliver(self, stored: StoredDelivery) -> None:
        try:
            answered = await self._try(stored)
        except Superseded:
            await self._end(stored, DeliveryState.SUPERSEDED, "")
            return
        if answered.taken:
            await self._delivered(stored)
        else:
            await self._failed(stored, answered)

    async def _claim(self, tenant_id: str, delivery_id: str) -> StoredDelivery | None:
        """Stores that a try begins. Nobody else begins one until it must have ended."""
        now = self._clock.now()
        async with self._recorder.uow(tenant_id, unguarded=Unguarded.WITHDRAWING) as work:
            seen = await work.deliveries.get(delivery_id)
            if seen is None or seen.state is not DeliveryState.PENDING or seen.due_at > now:
                return None
            if seen.delivery.kind is not DeliveryKind.WITHDRAWN and not await _installed(work):
                raise NotInstalled(tenant_id)
            until = now + timedelta(seconds=self._policy.attempt) + CLOCK_SKEW
            claimed = await work.deliveries.claim(seen, until)
            await work.commit()
        return claimed

    async def _try(self, stored: StoredDelivery) -> Answered:
        """Raises `Superseded`."""
        try:
            body = await self._body(stored)
            if self._backend is None:
                raise Lacking(NO_WEBHOOK)
        except SecretLost:
            return Answered(0, SECRET_LOST)
        except Lacking as lacking:
            return Answered(0, str(lacking))
        return await self._backend.post(stored.delivery.id, body, self._policy.attempt)

    async def _body(self, stored: StoredDelivery) -> str:
        delivery = stored.delivery
        if delivery.kind in SECRETS:
            return await self._secret_body(stored)
        return envelope(delivery, json.loads(delivery.data))

    async def _secret_body(self, stored: StoredDelivery) -> str:
        """Reads the secret now. A secret that was replaced or deleted meanwhile does not leave.

        It is read before the facts, so that it is never newer than what they say.
        """
        delivery = stored.delivery
        async with self._recorder.uow(stored.tenant_id, write=False) as work:
            is_token = delivery.kind is DeliveryKind.CREDENTIALS
            vault = work.vault if is_token else work.write_keys
            secret = await vault.get(delivery.integration_id)
            integration = await work.integrations.get(delivery.integration_id)
        if secret is None or held_secret(delivery.kind, integration) != delivery.subject:
            raise Superseded
        if self._sealer is None:
            raise Lacking(NO_KEY)
        return envelope(delivery, secret_data(delivery, integration, secret, self._sealer))

    async def _delivered(self, stored: StoredDelivery) -> None:
        at = self._clock.now()
        await self._settle(
            stored,
            lambda work: work.deliveries.mark_delivered(stored, at),
            SentToToplyne(self._noticed(), *_what(stored.delivery)),
        )
        self._count(stored.delivery.kind.value, "delivered")

    async def _failed(self, stored: StoredDelivery, answered: Answered) -> None:
        now = self._clock.now()
        deadline = stored.created_at + timedelta(seconds=self._policy.in_all)
        if answered.gone or now >= deadline:
            await self._end(stored, DeliveryState.DEAD, answered.error)
            return
        wait = min(self._wait(stored, answered), (deadline - now).total_seconds())
        later = replace(stored, error=answered.error, due_at=now + timedelta(seconds=wait))
        if _is_uncounted(stored, answered):
            later = replace(later, attempts=stored.attempts - 1)
        told = stored.attempts == TOLD_AFTER
        event = ToplyneDelayed(self._noticed(), *_what(stored.delivery), answered.error)
        await self._settle(
            stored,
            lambda work: work.deliveries.put_off(stored, later),
            event if told else None,
        )
        self._count(stored.delivery.kind.value, "later")

    def _wait(self, stored: StoredDelivery, answered: Answered) -> float:
        """Seconds until the next try. If the receiver asks for a longer pause, that counts."""
        policy = self._policy
        usual = policy.backoff[min(stored.attempts, len(policy.backoff)) - 1]
        if _is_uncounted(stored, answered):
            usual = policy.lacking
        usual *= 1 + self._jitter() / 2
        return max(usual, min(answered.retry_after or 0.0, policy.longest))

    async def _end(self, stored: StoredDelivery, state: DeliveryState, error: str) -> None:
        dead = state is DeliveryState.DEAD
        event = ToplyneFailed(self._noticed(), *_what(stored.delivery), error)
        await self._settle(
            stored,
            lambda work: work.deliveries.end(stored, state, error),
            event if dead else None,
        )
        self._count(stored.delivery.kind.value, "given up" if dead else "superseded")

    def _noticed(self) -> Stamp:
        return Stamp("", self._recorder.clock.now())

    async def _settle(self, stored: StoredDelivery, write: Write, event: Event | None) -> None:
        """Stores an outcome. Tells nothing if the delivery was withdrawn or superseded since."""
        settled = False

        async def also(work: UnitOfWork) -> None:
            nonlocal settled
            settled = await write(work)

        def decide(situation: Situation) -> Change:
            return Change(situation.integration, (event,) if event and settled else ())

        integration_id = stored.delivery.integration_id
        try:
            await self._recorder.change(stored.tenant_id, integration_id, decide, also=also)
        except (NotFound, RowUnreadable):  # the app has left, or nothing can be told in this set-up
            tenant_id, why = stored.tenant_id, Unguarded.WITHDRAWING
            async with self._recorder.uow(tenant_id, unguarded=why) as work:
                await write(work)
                await work.commit()


async def _installed(work: UnitOfWork) -> bool:
    installation = await work.installations.get()
    return installation is not None and installation.revoked_at is None


def _is_uncounted(stored: StoredDelivery, answered: Answered) -> bool:
    """Whether a process lacked a setting again, once that was told. Whoever has the setting needs
    the backoff for Toplyne's own failures.
    """
    return answered.error in LACKED and stored.attempts > TOLD_AFTER


def _what(delivery: Delivery) -> tuple[DeliveryKind, str, int | None]:
    """What an event says about a delivery."""
    return delivery.kind, delivery.id, delivery.number
