"""A message's last attempt, and Slack's rate limits over all processes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("outbox", sa.Column("attempt_at", Instant, nullable=True))
    op.add_column("outbox", sa.Column("attempt_until", Instant, nullable=True))
    op.add_column("outbox", sa.Column("attempt_cursor", sa.Text, nullable=True))
    op.create_table(
        "rate_gates",
        sa.Column("tenant_id", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("free_at", Instant, nullable=False),
    )
    op.create_index("ix_rate_gates_free_at", "rate_gates", ["free_at"])


def downgrade() -> None:
    op.drop_table("rate_gates")
    for name in ("attempt_at", "attempt_until", "attempt_cursor"):
        op.drop_column("outbox", name)
