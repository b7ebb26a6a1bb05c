"""Removes old rows that have served their purpose, over all tenants, a bounded number at a time."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flows.outbox.messages import MessageState
from storage import tables
from storage.connections import Connection, Engine
from storage.engine import read_rows, translated, write_rows
from storage.placed import PASSING, PLACED

BATCH = 500
KEPT_LINES = 500  # of the history of a set-up
KEPT_PLACES = 500  # of messages of a set-up that may be drawn anew
_o = tables.overview
_NAMED = {tables.integrations: "id", tables.due: "subject"}  # their columns with a set-up's id
CHANGES = 20_000  # added up at once; there are fewer things to count than this


class SqlHousekeeping:
    """Each call is one short transaction and returns how many rows it removed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def remove_sent(self, before: datetime) -> int:
        """Messages that are never drawn anew, with what people wrote to each other in them."""
        t = tables.outbox
        return await self._remove(t, sa.text(PASSING), t.c.due_at < before)

    async def remove_places(self, before: datetime) -> int:
        """Removes places of messages that will not be drawn anew.

        Each set-up keeps the newest `KEPT_PLACES` of those that may be. Of digests, which belong to
        no set-up, the newest stays. The other places go with their set-up.
        """
        t = tables.outbox
        sent = _placed(t.c.due_at, _kept_places(t), sa.text(PLACED))
        old = sa.select(sent.c.sequence).where(
            sent.c.place > _kept_places(sent), sent.c.at < before
        )
        return await self._remove_found(t, old)

    async def remove_dead(self, before: datetime) -> int:
        """Messages that were given up so long ago that nobody will retry them."""
        t = tables.outbox
        return await self._remove(t, t.c.state == MessageState.DEAD, t.c.due_at < before)

    async def remove_deliveries(self, before: datetime) -> int:
        """Deliveries that ended, see `DELIVERY_OVER`."""
        t, over = tables.deliveries, sa.text(f"({tables.DELIVERY_OVER})")
        return await self._remove(t, over, t.c.due_at < before)

    async def remove_rate_gates(self, before: datetime) -> int:
        """A gate that has been open for long is the same as no gate."""
        return await self._remove(tables.rate_gates, tables.rate_gates.c.free_at < before)

    async def remove_requests(self, before: datetime) -> int:
        """Signed requests that Slack's own rule makes too old to be sent again."""
        return await self._remove(tables.seen_requests, tables.seen_requests.c.seen_at < before)

    async def remove_tries(self, before: datetime) -> int:
        """Tries to enter credentials that no longer count."""
        return await self._remove(tables.credential_tries, tables.credential_tries.c.at < before)

    async def remove_entry_links(self, before: datetime) -> int:
        """Links to pages that have expired. Until then they say so kindly."""
        return await self._remove(tables.entry_links, tables.entry_links.c.expires_at < before)

    async def remove_invitations(self, before: datetime) -> int:
        """Invitations that have expired, whether somebody followed them or not."""
        return await self._remove(tables.invitations, tables.invitations.c.expires_at < before)

    async def remove_incidents(self, before: datetime) -> int:
        """Incidents that ended. The history still has them."""
        return await self._remove(tables.incidents, tables.incidents.c.closed_at < before)

    async def remove_events(self, before: datetime) -> int:
        """Events from Slack. Slack sends none again after so long."""
        return await self._remove(tables.inbox, tables.inbox.c.received_at < before)

    async def remove_history(self, before: datetime) -> int:
        """Old lines of a long history, beyond the newest `KEPT_LINES`.

        Where a message still has to leave, or was given up and may be retried, all stay: it may be
        drawn from one. First reads, so that no write waits for the counting.
        """
        h, m = tables.history, tables.outbox
        not_sent = m.c.state.in_([MessageState.PENDING, MessageState.DEAD])  # as its index has them
        waits = sa.select(m.c.tenant_id, m.c.integration_id).where(not_sent)
        lines = _placed(h.c.at, KEPT_LINES, but=waits)
        old = sa.select(lines.c.sequence).where(lines.c.place > KEPT_LINES, lines.c.at < before)
        return await self._remove_found(h, old)

    async def remove_ended(self, before: datetime) -> int:
        """Set-ups that ended before, with their history and audit, once nothing secret is left.

        Somebody who begins again meanwhile keeps theirs: the second look comes after the lock.
        """
        i, key = tables.integrations.c, sa.tuple_(_o.c.tenant_id, _o.c.integration_id)
        ended = sa.select(i.tenant_id, i.id).join_from(
            tables.integrations,
            tables.overview,
            sa.and_(_o.c.tenant_id == i.tenant_id, _o.c.integration_id == i.id),
        )
        ended = ended.where(sa.text(tables.ENDED), _o.c.last_active_at < before, *_nothing_left())
        some = ended.limit(BATCH).with_for_update(of=tables.integrations, skip_locked=True)
        with translated(self._engine):
            async with self._engine.begin() as connection:
                held = [tuple(row) for row in await connection.execute(some)]
                if not held:
                    return 0
                rows = await connection.execute(ended.where(key.in_(held)))
                keys = [tuple(row) for row in rows]
                if keys:
                    await _erase_set_ups(connection, keys)
        return len(keys)

    async def add_up_counts(self) -> None:
        """Adds up changes of the counts, if there are several of one thing."""
        for table in (tables.standing_counts, tables.owner_counts):
            with translated(self._engine):
                async with self._engine.connect() as connection:
                    if await _add_up(connection, table):
                        await connection.commit()

    async def _remove(self, table: sa.Table, *old: sa.ColumnElement[bool] | sa.TextClause) -> int:
        """Removes rows of which all these conditions hold, `BATCH` at most."""
        key = table.primary_key.columns
        some = sa.select(*key).where(*old).limit(BATCH)
        return await write_rows(self._engine, sa.delete(table).where(sa.tuple_(*key).in_(some)))

    async def _remove_found(self, table: sa.Table, old: "sa.Select[tuple[int]]") -> int:
        """Reads which rows are old before it writes."""
        found = [number for (number,) in await read_rows(self._engine, old.limit(BATCH))]
        gone = sa.delete(table).where(table.c.sequence.in_(found))
        return await write_rows(self._engine, gone) if found else 0


def _kept_places(messages: sa.FromClause) -> sa.ColumnElement[int]:
    return sa.case((messages.c.integration_id == "", 1), else_=KEPT_PLACES)


def _placed(
    at: sa.Column[datetime],
    most: int | sa.ColumnElement[int],
    *which: sa.TextClause,
    but: "sa.Select[tuple[str, str]] | None" = None,
) -> sa.Subquery:
    """The rows of set-ups that have more than `most`, each with its `place` from the newest on.

    Set-ups of `but` are left out before any row is looked at.
    """
    table = at.table
    key = (table.c.tenant_id, table.c.integration_id)
    counted = sa.select(*key).where(*which).group_by(*key).having(sa.func.count() > most)
    long = counted if but is None else counted.except_(but)
    place = sa.func.row_number().over(partition_by=key, order_by=table.c.sequence.desc())
    rows = sa.select(table.c.sequence, *key, at.label("at"), place.label("place"))
    return rows.where(*which, sa.tuple_(*key).in_(long)).subquery()


def _nothing_left() -> Iterator[sa.ColumnElement[bool]]:
    """That no secret is left here or with Toplyne, and nothing still has to reach somebody.

    Each condition looks up one set-up by index. PostgreSQL would turn `EXISTS` into joins with
    whole tables.
    """
    m, d = tables.outbox, tables.deliveries
    keeping: dict[sa.Table, sa.ColumnElement[bool] | sa.TextClause] = {
        tables.vault: sa.true(),
        tables.write_keys: sa.true(),
        tables.pending_checks: sa.true(),
        d: sa.text(f"NOT ({tables.DELIVERY_OVER})"),
        m: m.c.state == MessageState.PENDING,
    }
    for table, condition in keeping.items():
        c = table.c
        own = (c.tenant_id == _o.c.tenant_id, c.integration_id == _o.c.integration_id)
        first = sa.select(sa.literal(1)).select_from(table).where(*own, condition).limit(1)
        yield first.scalar_subquery().is_(None)


async def _erase_set_ups(connection: Connection, keys: list[tuple[str, ...]]) -> None:
    """Deletes rows that point to others first."""
    for table in reversed(tables.metadata.sorted_tables):
        name = _NAMED.get(table, "integration_id")
        if name in table.c:
            own = sa.tuple_(table.c.tenant_id, table.c[name]).in_(keys)
            await connection.execute(sa.delete(table).where(own))


async def _add_up(connection: Connection, table: sa.Table) -> bool:
    """False if nothing changed. The one who deletes a row counts it, so no two count the same."""
    columns = [column for column in table.c if column.name not in ("sequence", "change")]
    some = sa.select(table.c.sequence).order_by(table.c.sequence).limit(CHANGES)
    taken = sa.delete(table).where(table.c.sequence.in_(some.scalar_subquery()))
    rows = (await connection.execute(taken.returning(*columns, table.c.change))).all()
    sums: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        sums[tuple(row[:-1])] += row[-1]
    kept = [
        {**{c.name: part for c, part in zip(columns, what, strict=True)}, "change": change}
        for what, change in sums.items()
        if change
    ]
    if kept:
        await connection.execute(sa.insert(table), kept)
    return len(kept) < len(rows)
