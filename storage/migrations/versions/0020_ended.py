"""Set-ups that ended are found by an index, in the order in which they can be erased."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | Sequence[str] | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ENDED = sa.text("standing IN (2, 3) AND next_poll_at IS NULL AND need_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_overview_ended",
        "overview",
        ["last_active_at", "tenant_id", "integration_id"],
        sqlite_where=ENDED,
        postgresql_where=ENDED,
    )


def downgrade() -> None:
    op.drop_index("ix_overview_ended", "overview")
