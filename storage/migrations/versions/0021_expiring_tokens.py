"""Bot tokens that expire: what renews them, until when they work, whose turn it is to renew one."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | Sequence[str] | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANTS = ("expires_at", "refreshing_until")


def upgrade() -> None:
    op.add_column("installations", sa.Column("sealed_refresh", sa.Text))
    for name in INSTANTS:
        op.add_column("installations", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in ("sealed_refresh", *INSTANTS):
        op.drop_column("installations", name)
