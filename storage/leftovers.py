"""Takes over events that the previous version left in its job engine (DBOS) during a rollout.

Everything else that it leaves is in our own tables. The next release removes this file and the
engine's tables.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from flows.outbox.jobs import JobKind
from storage import tables
from storage.connections import Connection, Engine
from storage.engine import translated
from storage.transaction import Wishes

LEFT_LYING = timedelta(minutes=1)  # workers of the previous version begin theirs within seconds
_OPEN = ("ENQUEUED", "PENDING", "DELAYED")


async def take_over_events(engine: Engine, now: datetime) -> bool:
    """True if that engine was never here, so that nobody has to look again."""
    schema = None if engine.dialect.name == "sqlite" else "dbos"
    with translated(engine):
        async with engine.begin() as connection:
            if not await connection.run_sync(_exists, schema):
                return True
            for key in await _take(connection, schema, now - LEFT_LYING):
                await _make_due(connection, key, now)
    return False


def _exists(connection: sa.Connection, schema: str | None) -> bool:
    return sa.inspect(connection).has_table("workflow_status", schema=schema)


async def _take(connection: Connection, schema: str | None, until: datetime) -> list[str]:
    """Reads the ids and nothing else that the engine stores."""
    names = ("workflow_uuid", "name", "status", "created_at")
    old = sa.table("workflow_status", *map(sa.column, names), schema=schema)
    before = int(until.timestamp() * 1000)
    lying = (old.c.name == "event", old.c.status.in_(_OPEN), old.c.created_at < before)
    taken = sa.update(old).where(*lying).values(status="CANCELLED").returning(old.c.workflow_uuid)
    return [str(key) for key in (await connection.execute(taken)).scalars()]


async def _make_due(connection: Connection, key: str, now: datetime) -> None:
    """`event:<tenant>:<event>`"""
    _, tenant_id, event_id = (*key.split(":"), "", "")[:3]
    t = tables.inbox
    row = (t.c.tenant_id == tenant_id, t.c.event_id == event_id)
    if (await connection.execute(sa.update(t).where(*row).values(open=True))).rowcount:
        wishes = Wishes(tenant_id)
        wishes.nudge(JobKind.EVENT, event_id, now)
        await wishes.write(connection, now)
