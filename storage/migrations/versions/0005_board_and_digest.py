"""What CSMs see at a glance, and when they are told. `flows.projection` fills the rows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def columns() -> list[sa.Column[object]]:
    """With defaults, because an older version still writes rows while this one starts."""
    return [
        sa.Column("standing", sa.Integer, nullable=False, server_default="0"),
        sa.Column("milestone", sa.Integer, nullable=False, server_default="0"),
        sa.Column("subject", sa.Text, nullable=False, server_default=""),
        sa.Column("need", sa.Text, nullable=False, server_default=""),
        sa.Column("urgency", sa.Integer, nullable=False, server_default="99"),
        sa.Column("need_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.Text, nullable=False, server_default=""),
        sa.Column("account", sa.Text, nullable=False, server_default=""),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search", sa.Text, nullable=False, server_default=""),
        sa.Column("projection", sa.Integer, nullable=False, server_default="0"),
    ]


INDEXES = {
    "ix_overview_standing_blocked_since": ["standing", "blocked_since"],
    "ix_overview_urgency_need_at": ["urgency", "need_at"],
    "ix_overview_finished_at": ["finished_at"],
    "ix_overview_projection": ["projection"],
}


def upgrade() -> None:
    for column in columns():
        op.add_column("overview", column)
    for name, indexed in INDEXES.items():
        op.create_index(name, "overview", indexed)
    op.create_index("ix_history_at", "history", ["at"])
    op.create_table(
        "digests",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_digests"),
    )


def downgrade() -> None:
    op.drop_table("digests")
    op.drop_index("ix_history_at", "history")
    for name in INDEXES:
        op.drop_index(name, "overview")
    for column in columns():
        op.drop_column("overview", column.name)
