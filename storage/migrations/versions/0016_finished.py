"""Those who finished lately are counted by an index alone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | Sequence[str] | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FINISHED = sa.text("finished_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_overview_finished",
        "overview",
        ["finished_at", "standing", "tenant_id", "integration_id"],
        sqlite_where=FINISHED,
        postgresql_where=FINISHED,
    )
    op.drop_index("ix_overview_finished_at", "overview")


def downgrade() -> None:
    op.create_index("ix_overview_finished_at", "overview", ["finished_at"])
    op.drop_index("ix_overview_finished", "overview")
