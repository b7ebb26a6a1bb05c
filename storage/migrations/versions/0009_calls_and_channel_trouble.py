"""When the CSM channel is called about a customer without an owner, and the channel's trouble."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "ix_overview_next_call_at"


def upgrade() -> None:
    op.add_column("overview", sa.Column("next_call_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f(INDEX), "overview", ["next_call_at"])
    op.create_table(
        "csm_trouble",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_csm_trouble"),
    )


def downgrade() -> None:
    op.drop_table("csm_trouble")
    op.drop_index(op.f(INDEX), "overview")
    op.drop_column("overview", "next_call_at")
