"""The due rows that workers lease, and whether an event still has to be processed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | Sequence[str] | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
PARTIAL = "due_at IS NOT NULL"
OPEN = "open"


def upgrade() -> None:
    op.create_table(
        "due",
        sa.Column("tenant_id", NAME, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease", sa.Text, nullable=True),
        sa.Column("lease_until", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "subject", name="pk_due"),
    )
    op.create_index(
        "ix_due_kind_due_at",
        "due",
        ["kind", "due_at"],
        sqlite_where=sa.text(PARTIAL),
        postgresql_where=sa.text(PARTIAL),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Rewrite rows in place and vacuum early: there are few rows, and they change often.
        op.execute("ALTER TABLE due SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02)")
    # The previous version takes care of the events that are already there.
    op.add_column("inbox", sa.Column("open", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_inbox_received_at",
        "inbox",
        ["received_at"],
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )


def downgrade() -> None:
    op.drop_index("ix_inbox_received_at", "inbox")
    op.drop_column("inbox", "open")
    op.drop_table("due")
