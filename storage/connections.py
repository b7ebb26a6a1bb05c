"""What the rest of `storage` asks of a database: an engine, and a connection for one transaction.

SQLAlchemy's own asynchronous ones do it for PostgreSQL, and `storage.sqlite` for SQLite.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, Self, TypeVar, TypeVarTuple, overload

import sqlalchemy as sa
from sqlalchemy.engine import URL, CursorResult
from sqlalchemy.sql.selectable import TypedReturnsRows

READ_ONLY = "storage_read_only"  # the execution option of engines that only read
LOCK_TIMEOUT = 5  # seconds that a statement waits for another's lock
# All of them stay open: those beyond a pool's size would be opened and closed again under load,
# which takes PostgreSQL a new process each time, and all that it had prepared.
POOL_SIZE = 15

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


class Engine(Protocol):
    """`begin` commits at the end of its block, `connect` does not."""

    @property
    def url(self) -> URL: ...

    @property
    def dialect(self) -> sa.Dialect: ...

    @property
    def pool(self) -> sa.Pool: ...

    @property
    def sync_engine(self) -> sa.Engine: ...

    def connect(self) -> Connection: ...

    def begin(self) -> AbstractAsyncContextManager[Connection]: ...

    def execution_options(self, **opt: Any) -> "Engine": ...

    async def dispose(self) -> None: ...
