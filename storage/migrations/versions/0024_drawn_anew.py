"""What may be drawn anew is kept with its set-up, and not read to remove the rest."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | Sequence[str] | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SENT = "state NOT IN ('pending', 'dead')"
PASSING = (
    "('check_done', 'csm_message', 'token_in_message', 'message_hint', 'pass_on', 'channel_lost', "
    "'card_lost', 'redrawn', 'home', 'window', 'card', 'thread', 'customer_left', 'digest_picture')"
)
INDEXES = {
    "ix_outbox_passing": (["due_at"], f"{SENT} AND kind IN {PASSING}"),
    "ix_outbox_placed": (
        ["tenant_id", "integration_id", "sequence", "kind", "state", "due_at"],
        f"{SENT} AND kind NOT IN {PASSING}",
    ),
}


def upgrade() -> None:
    for name, (columns, only) in INDEXES.items():
        where = sa.text(only)
        op.create_index(name, "outbox", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "outbox")
