"""Customers in whose set-up something is open after the end are found by its step, too. What
colleagues were told of each other is found without reading all that a tenant was told.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | Sequence[str] | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = ["tenant_id", "integration_id"]
OPEN = "standing = 2 AND blocker <> ''"
INDEXES = {
    "ix_overview_needs_after_end": (
        "overview",
        ["step", "urgency", "need_at", *KEY],
        f"need_at IS NOT NULL AND {OPEN}",
    ),
    "ix_overview_rest_after_end": ("overview", ["step", "blocked_since", *KEY], OPEN),
    "ix_outbox_told": (
        "outbox",
        [*KEY, "created_at", "sequence"],
        "kind IN ('delegated', 'delegation_news', 'go_on', 'colleague_did', 'disconnected')",
    ),
}


def upgrade() -> None:
    for name, (table, columns, only) in INDEXES.items():
        where = sa.text(only)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, (table, *_) in INDEXES.items():
        op.drop_index(name, table)
