"""Where jobs go: whoever fills this writes them inside the transaction that asked for them."""

from typing import Protocol

import sqlalchemy as sa

from flows.outbox.jobs import Job


class JobWriter(Protocol):
    def write(self, connection: sa.Connection, job: Job) -> None:
        """Stores the job on this connection and neither commits nor rolls back."""
        ...
