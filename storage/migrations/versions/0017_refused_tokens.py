"""Since when Slack refuses an installation's token, perhaps not for good."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | Sequence[str] | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("installations", sa.Column("refused_at", sa.DateTime(timezone=True)))
    refused = sa.text("refused_at IS NOT NULL")
    op.create_index(
        "ix_installations_refused",
        "installations",
        ["tenant_id"],
        sqlite_where=refused,
        postgresql_where=refused,
    )


def downgrade() -> None:
    op.drop_index("ix_installations_refused", "installations")
    op.drop_column("installations", "refused_at")
