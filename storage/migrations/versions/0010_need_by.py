"""Which person at the customer asked for what a CSM is needed for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    column = sa.Column("need_by", sa.Text, nullable=False, server_default="")
    op.add_column("overview", column)


def downgrade() -> None:
    op.drop_column("overview", "need_by")
