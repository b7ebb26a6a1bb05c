"""Keeps calls to Segment within its limits, across all processes. Polls leave room for people.

Each limit's bucket holds a quarter of what Segment allows a minute and refills at three quarters
a minute, so no minute sees more than the limit.
"""

import asyncio
from collections.abc import Mapping

import structlog

from flows.clients.gate import Limit
from flows.errors import NoRoom, StorageUnavailable
from flows.ports import ASKED_FOR, RateCost, RateGates

SEGMENT = "segment"  # owns these gates in place of a tenant, since Segment counts by our address
POLLS = "polls:"
POLLS_SHARE = 0.7
SHARE = 0.5  # of what people may call, for one tenant
LONGEST_TURN = 25.0  # seconds that a person waits for a turn; a poll does not wait
BURST = 20.0  # seconds' worth of calls that may come at once
# https://docs.segmentapis.com: volumes and the Config API have their own limits per minute.
VOLUMES_PER_MINUTE = 60
CONFIG_PER_MINUTE = 200
WITHOUT_DATABASE = 5.0  # seconds until a database that failed is asked again

_log = structlog.get_logger(__name__)


class SegmentBudget:
    """Implements `flows.clients.gate.Gate`, for people or, with `polls`, for polls."""

    def __init__(self, gates: RateGates, per_minute: int, *, polls: bool = False) -> None:
        self._gates = gates
        allowed = {
            Limit.PUBLIC: per_minute,
            Limit.VOLUMES: VOLUMES_PER_MINUTE,
            Limit.CONFIG: CONFIG_PER_MINUTE,
        }
        self._costs: dict[Limit, dict[str, RateCost]] = {}
        for limit, calls in allowed.items():
            polled = {f"{POLLS}{limit}": _cost(calls * POLLS_SHARE)} if polls else {}
            self._costs[limit] = {str(limit): _cost(calls), **polled}
        shared = {} if polls else allowed
        self._shares = {limit: _cost(calls * SHARE) for limit, calls in shared.items()}
        self.waits = not polls
        self._longest = LONGEST_TURN if self.waits else 0.0
        self._turns = asyncio.Lock()  # keeps a process from competing with itself
        self._free_until = 0.0

    async def enter(self, call: str, limits: tuple[Limit, ...], until: float) -> None:
        costs = {gate: cost for limit in limits for gate, cost in self._costs[limit].items()}
        # The tenant's own share comes first: who waits for it takes no turn from others.
        if self._shares and (tenant_id := ASKED_FOR.get()):
            shares = {f"{tenant_id}:{limit}": self._shares[limit] for limit in limits}
            await self._turn(call, shares, until)
        await self._turn(call, costs, until)

    async def _turn(self, call: str, costs: Mapping[str, RateCost], until: float) -> None:
        """Waits for a turn at all these gates. Raises `NoRoom` if it comes too late.

        Without a database it allows every call and relies on Segment's own 429.
        """
        loop = asyncio.get_running_loop()
        longest = max(0.0, min(self._longest, until - loop.time()))
        async with self._turns:
            if loop.time() < self._free_until:
                return
            try:
                wait = await self._gates.take(SEGMENT, costs, longest)
            except StorageUnavailable as error:
                self._free_until = loop.time() + WITHOUT_DATABASE
                _log.warning("segment_budget_without_database", problem=error.trouble)
                return
        if wait > longest:
            raise NoRoom(call, "our own limit", wait)
        if wait > 0:
            await asyncio.sleep(wait)

    async def close(self, limits: tuple[Limit, ...], seconds: float) -> None:
        """Stops all calls for so many seconds, even those that the burst would allow."""
        try:
            for limit in limits:
                await self._gates.close(SEGMENT, limit, seconds + BURST)
        except StorageUnavailable as error:
            _log.warning("segment_budget_without_database", problem=error.trouble)


def _cost(per_minute: float) -> RateCost:
    """A minute sees the calls of a burst, one more, and those that time has refilled."""
    seconds = (60.0 + BURST) / max(1.0, per_minute - 1)
    return RateCost(seconds, BURST)
