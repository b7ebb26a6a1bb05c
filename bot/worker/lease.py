"""What a piece of background work holds, so that nothing leaves once it holds it no more."""

import asyncio
import time
from contextvars import ContextVar
from dataclasses import dataclass

LEASE = 6.0  # seconds that a claim lasts; others wait no longer for what a dead worker held
RENEW_EVERY = 2.0  # seconds

_held: ContextVar["Lease | None"] = ContextVar("lease", default=None)


class LeaseLost(asyncio.CancelledError):
    """Somebody else may be at the same work: it ends here as if it had been cancelled."""


@dataclass
class Lease:
    """`until` is in monotonic seconds, counted from before the database was asked."""

    until: float

    @property
    def is_lost(self) -> bool:
        return time.monotonic() >= self.until


def hold(lease: Lease) -> None:
    """From now on, in this task and those that it starts."""
    _held.set(lease)


def ensure_held() -> None:
    """Before each call to the outside: a process that was stopped may have lost its lease.

    Raises `LeaseLost`; never for what is no background work.
    """
    lease = _held.get()
    if lease is not None and lease.is_lost:
        raise LeaseLost
