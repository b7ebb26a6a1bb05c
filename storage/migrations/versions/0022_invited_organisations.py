"""With which link a customer installed the app: an organisation's Slack workspaces come later."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | Sequence[str] | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = ("account", "invited_by")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("installations", sa.Column(name, sa.Text))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("installations", name)
