"""Makes overview rows anew that are missing, or that earlier rules made."""

from flows.csm.customers import Customers
from flows.errors import NotFound, RevisionConflict
from flows.projection import PROJECTION
from flows.recording import Recorder

BATCH = 100


class Rebuilding:
    """Nothing is said or redrawn by it."""

    def __init__(self, recorder: Recorder, customers: Customers) -> None:
        self._recorder = recorder
        self._customers = customers
        self._done = False

    async def catch_up(self) -> None:
        """A batch at a time, until there was nothing left to do; then never again."""
        if not self._done:
            self._done = not await self.rebuild(PROJECTION)

    async def rebuild(self, projection: int, limit: int = BATCH) -> int:
        """How many rows of an earlier version were made anew, at most `limit`."""
        outdated = await self._customers.outdated(projection, limit)
        for tenant_id, integration_id in outdated:
            try:
                await self._recorder.note(tenant_id, integration_id, lambda now: now.integration)
            except (NotFound, RevisionConflict):
                continue  # gone, or being changed, which makes its row as well
        return len(outdated)
