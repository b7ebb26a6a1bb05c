"""The lease of a piece of background work. Once it is lost, no call to the outside leaves."""

import asyncio
import time
from contextvars import ContextVar
from dataclasses import dataclass

LEASE = 6.0  # seconds that a claim lasts: the longest that a dead worker's work waits for others
RENEW_EVERY = 2.0  # seconds

_held: ContextVar["Lease | None"] = ContextVar("lease", default=None)


class LeaseLost(asyncio.CancelledError):
    """Another worker may be doing the same work, so it ends here as if it had been cancelled."""


@dataclass
class Lease:
    """A lease until `until`, in monotonic seconds counted from before the database was asked."""

    until: float

    @property
    def is_lost(self) -> bool:
        return time.monotonic() >= self.until


def hold(lease: Lease) -> None:
    """Sets the lease of this task and of the tasks that it starts from now on."""
    _held.set(lease)


def ensure_held() -> None:
    """Call before each call to the outside: a suspended process may have lost its lease.

    Raises `LeaseLost`, but never outside background work.
    """
    lease = _held.get()
    if lease is not None and lease.is_lost:
        raise LeaseLost
