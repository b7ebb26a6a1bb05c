"""What is due over all tenants, as a Protocol that the storage fills."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from flows.records import Due


class Agenda(Protocol):
    """What is due over all tenants: the only reads that name none, for the tick alone."""

    async def polls(self, now: datetime, limit: int) -> Sequence[Due]: ...

    async def reminders(self, now: datetime, limit: int) -> Sequence[Due]:
        """Integrations whose next reminder is due, where the app is installed."""
        ...

    async def conversations(self, now: datetime, limit: int, *, csm: bool = True) -> Sequence[Due]:
        """Those whose oldest pending message is due; `csm=False` leaves the CSM channel's out."""
        ...

    async def digest(self, tenant_id: str, now: datetime) -> Due | None:
        """The digest of CSMs, when it is due or was never planned."""
        ...

    async def calls(self, now: datetime, limit: int) -> Sequence[Due]:
        """Integrations about which the whole CSM channel is to be called."""
        ...

    async def everybody(self, after: Due | None, limit: int) -> Sequence[Due]:
        """All integrations, page by page, whose app is installed or was; `at` means nothing."""
        ...

    async def checks(self, now: datetime, limit: int) -> Sequence[Due]:
        """Pending checks that have expired."""
        ...

    async def deliveries(self, now: datetime, limit: int) -> Sequence[Due]:
        """Pending deliveries to Toplyne's backend whose next try is due."""
        ...
