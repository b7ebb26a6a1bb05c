"""Whether the last transactions found room on the disk: to know it, somebody has to write."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from flows.errors import StorageUnavailable, Trouble
from storage.connections import Engine

REMEMBERED = 30.0  # seconds; whoever is idle does not find out that there is room again

_FULL_UNTIL: WeakKeyDictionary[sa.Engine, float] = WeakKeyDictionary()  # in monotonic seconds


def is_full(engine: Engine) -> bool:
    """Whether there was no room lately, and nothing has been written since."""
    return time.monotonic() < _FULL_UNTIL.get(engine.sync_engine, 0.0)


def note_written(engine: Engine) -> None:
    _FULL_UNTIL.pop(engine.sync_engine, None)


def note_failed(engine: Engine, error: BaseException) -> None:
    """Locks are not remembered: most end soon, and hold up only who needs the same rows."""
    if isinstance(error, StorageUnavailable) and error.trouble is Trouble.FULL:
        _FULL_UNTIL[engine.sync_engine] = time.monotonic() + REMEMBERED


@contextmanager
def noting_room(engine: Engine) -> Iterator[None]:
    """Around a transaction that writes, with its errors as ours."""
    try:
        yield
    except StorageUnavailable as error:
        note_failed(engine, error)
        raise
    note_written(engine)
