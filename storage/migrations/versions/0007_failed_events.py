"""Why an event from Slack could not be processed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "ix_inbox_error"


def upgrade() -> None:
    op.add_column("inbox", sa.Column("error", sa.Text, nullable=True))
    op.create_index(op.f(INDEX), "inbox", ["error"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "inbox")
    op.drop_column("inbox", "error")
