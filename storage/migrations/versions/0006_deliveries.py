"""What Toplyne's backend receives, and the write keys with which it sends to Segment."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "write_keys",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("integration_id", sa.Text, nullable=False),
        sa.Column("sealed_key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "integration_id", name="pk_write_keys"),
        _of_integration("fk_write_keys_integrations"),
    )
    op.create_table(
        "deliveries",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("integration_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_deliveries"),
        _of_integration("fk_deliveries_integrations"),
    )
    op.create_index(
        "ix_deliveries_tenant_id_integration_id_created_at",
        "deliveries",
        ["tenant_id", "integration_id", "created_at"],
    )
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"])


def _of_integration(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "integration_id"],
        ["integrations.tenant_id", "integrations.id"],
        name=name,
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("write_keys")
