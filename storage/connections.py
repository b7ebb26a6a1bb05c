"""What the rest of `storage` asks of a database: an engine, and a connection for one transaction.

`storage.postgres` and `storage.sqlite` have one each.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, Self, TypeVar, TypeVarTuple, overload

import sqlalchemy as sa
from sqlalchemy.engine import URL, CursorResult
from sqlalchemy.sql.selectable import TypedReturnsRows

from flows.errors import Trouble

READ_ONLY = "storage_read_only"  # the execution option of engines that only read
LOCK_TIMEOUT = 5  # seconds that a statement waits for another's lock
# All of them stay open: those beyond a pool's size would be opened and closed again under load,
# which takes PostgreSQL a new process each time, and all that it had prepared.
POOL_SIZE = 15
REMEMBERED = 30.0  # seconds; whoever is idle does not find out that there is room again

Row = tuple[Any, ...]  # as a driver returns it
Values = Mapping[str, Any]  # of a statement's parameters, by name
T = TypeVar("T")
Columns = TypeVarTuple("Columns")


class Connection(Protocol):
    """A transaction begins with its first statement. What was not committed is rolled back when
    the connection is closed.
    """

    @property
    def dialect(self) -> sa.Dialect: ...

    async def start(self) -> Any: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, type_: Any, value: Any, traceback: Any) -> None: ...

    @overload
    async def execute(
        self,
        statement: TypedReturnsRows[*Columns],
        parameters: Any = None,
        *,
        execution_options: Any = None,
    ) -> CursorResult[*Columns]: ...

    @overload
    async def execute(
        self, statement: sa.Executable, parameters: Any = None, *, execution_options: Any = None
    ) -> CursorResult[*tuple[Any, ...]]: ...

    async def scalar(self, statement: sa.Executable, parameters: Any = None) -> Any: ...

    async def run_sync(self, fn: Callable[..., T], *arg: Any) -> T: ...

    async def commit(self) -> None: ...

    async def close(self) -> None: ...


class Room:
    """Whether what was written last found room on the disk: to know it, somebody has to write.

    `storage.engine.as_ours` notes what failed, and each connection what it has written.
    """

    def __init__(self) -> None:
        self._full_until = 0.0  # in monotonic seconds

    @property
    def is_full(self) -> bool:
        """Whether there was none lately, and nothing has been written since."""
        return time.monotonic() < self._full_until

    def failed(self, trouble: Trouble) -> None:
        """Locks are not remembered: most end soon, and hold up only who needs the same rows."""
        if trouble is Trouble.FULL:
            self._full_until = time.monotonic() + REMEMBERED

    def written(self) -> None:
        self._full_until = 0.0


class Engine(Protocol):
    """`begin` commits at the end of its block, `connect` does not. All that write to the database
    have one `room`.
    """

    @property
    def url(self) -> URL: ...

    @property
    def dialect(self) -> sa.Dialect: ...

    @property
    def pool(self) -> sa.Pool: ...

    @property
    def sync_engine(self) -> sa.Engine: ...

    @property
    def room(self) -> Room: ...

    def connect(self) -> Connection: ...

    def begin(self) -> AbstractAsyncContextManager[Connection]: ...

    def execution_options(self, **opt: Any) -> "Engine": ...

    async def dispose(self) -> None: ...
