"""What many statements say alike: whose rows they are about, where the app is installed, and what
becomes due.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from flows.outbox.jobs import PLANNED
from storage import tables
from storage.column_types import Instant

if TYPE_CHECKING:
    from storage.dialects import Insert

CHANNEL = "due"  # of NOTIFY
SOON = timedelta(seconds=2)  # workers look this often by themselves


def in_text(value: str) -> sa.ColumnElement[str]:
    """One of our own names in the statement's text: so a condition of an index is recognised."""
    return sa.literal_column(f"'{value}'", sa.Text)


# --- whose rows -----------------------------------------------------------------------------------


def of_tenant(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """The rows of the `tenant`."""
    return table.c.tenant_id == sa.bindparam("tenant", type_=sa.Text)


def of_integration(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """The rows of the `tenant`'s `integration`."""
    its_own = table.c.integration_id == sa.bindparam("integration", type_=sa.Text)
    return sa.and_(of_tenant(table), its_own)


_i = tables.installations
IS_INSTALLED = sa.and_(of_tenant(_i), _i.c.revoked_at.is_(None))
# Nobody uninstalls the app until the transaction ends. SQLite has one writer at a time, so its
# dialect leaves the lock out.
INSTALLED = sa.select(_i.c.tenant_id).where(IS_INSTALLED).with_for_update(read=True)


# --- what is due ----------------------------------------------------------------------------------

WISH = ("tenant_id", "kind", "subject", "due_at", "planned_at", "version", "attempts")
# PostgreSQL folds equal notifications of one transaction.
TELL = sa.func.pg_notify(CHANNEL, "").cast(sa.Text)
TELL_IF_SOON = sa.case((tables.due.c.due_at <= sa.bindparam("soon", type_=Instant), TELL))


def wish(
    tenant_id: sa.ColumnElement[str],
    kind: sa.ColumnElement[str],
    subject: sa.ColumnElement[str],
    at: sa.ColumnElement[datetime],
) -> tuple[sa.ColumnElement[Any], ...]:
    """The columns of `WISH` for something that was asked for once and never tried."""
    return tenant_id, kind, subject, at, at, sa.literal_column("1"), sa.literal_column("0")


def merged(statement: "Insert") -> "Insert":
    """The insert, merged with existing rows. A new plan replaces the old one. An equal plan writes
    nothing, since the row may have been put off after failures. Anything else is due at the
    earlier of the two moments.
    """
    t = tables.due
    new = statement.excluded
    is_planned = sa.or_(*(t.c.kind == kind.value for kind in sorted(PLANNED)))
    keeps = sa.and_(~is_planned, t.c.due_at < new.due_at)
    return statement.on_conflict_do_update(
        index_elements=[t.c.tenant_id, t.c.kind, t.c.subject],
        set_={
            "due_at": sa.case((keeps, t.c.due_at), else_=new.due_at),
            "planned_at": new.planned_at,
            "version": t.c.version + 1,
            "attempts": sa.case((is_planned, 0), else_=t.c.attempts),
        },
        where=sa.or_(~is_planned, t.c.planned_at.is_distinct_from(new.planned_at)),
    )
