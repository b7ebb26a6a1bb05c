"""When the next reminder of an integration is due."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "ix_overview_next_reminder_at"


def upgrade() -> None:
    """Makes rows that wait on a customer due at once; running them derives the right moment."""
    column = sa.Column("next_reminder_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("overview", column)
    op.create_index(op.f(INDEX), "overview", ["next_reminder_at"])
    op.execute(
        "UPDATE overview SET next_reminder_at = blocked_since"
        " WHERE waiting_on IN ('customer', 'segment')"
    )


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "overview")
    op.drop_column("overview", "next_reminder_at")
