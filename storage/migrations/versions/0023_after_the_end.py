"""Customers in whose set-up something is open after the end are found by its step, too."""

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
        ["step", "urgency", "need_at", *KEY],
        f"need_at IS NOT NULL AND {OPEN}",
    ),
    "ix_overview_rest_after_end": (["step", "blocked_since", *KEY], OPEN),
}


def upgrade() -> None:
    for name, (columns, only) in INDEXES.items():
        where = sa.text(only)
        op.create_index(name, "overview", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "overview")
