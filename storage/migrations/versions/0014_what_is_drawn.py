"""What cards and App Homes show, so that only differences are drawn."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for table in ("cards", "home_viewers"):
        op.add_column(table, sa.Column("drawn", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    for table in ("cards", "home_viewers"):
        op.drop_column(table, "drawn")
