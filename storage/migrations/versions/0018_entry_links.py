"""Links to one-time pages, on which secrets are entered instead of in Slack."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | Sequence[str] | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    key = ("tenant_id", "integration_id", "screen", "user_id")
    op.create_table(
        "entry_links",
        *(_text(name) for name in (*key, "id", "digest", "team_id")),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        _text("slug"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint(*key, name="pk_entry_links"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "integration_id"],
            ["integrations.tenant_id", "integrations.id"],
            name="fk_entry_links_integrations",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_entry_links_digest", "entry_links", ["digest"])
    op.create_index("ix_entry_links_expires_at", "entry_links", ["expires_at"])


def downgrade() -> None:
    op.drop_table("entry_links")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
