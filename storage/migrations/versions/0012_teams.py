"""An installation's Slack workspaces, their tombstones, and what belongs to which workspace."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FOREIGN_KEY = "fk_deliveries_integrations"
OLD_INDEX, NEW_INDEX = (
    "ix_home_viewers_tenant_id_seen_at",
    "ix_home_viewers_tenant_id_team_id_seen_at",
)


def upgrade() -> None:
    _create_teams()
    # Until now every installation reached one Slack workspace, and the tenant has its id.
    op.execute(
        "INSERT INTO teams (tenant_id, team_id, name, granted_at, left_at)"
        " SELECT tenant_id, team_id, team_name, installed_at, revoked_at FROM installations"
        " WHERE team_id <> ''"
    )
    for table in ("home_viewers", "inbox"):
        # With a default, for the previous version during a rollout.
        op.add_column(table, sa.Column("team_id", sa.Text, nullable=False, server_default=""))
        op.execute(f"UPDATE {table} SET team_id = tenant_id")  # noqa: S608 - two names from above
    op.drop_index(OLD_INDEX, "home_viewers")
    op.create_index(NEW_INDEX, "home_viewers", ["tenant_id", "team_id", "seen_at"])
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(FOREIGN_KEY, type_="foreignkey")


def _create_teams() -> None:
    op.create_table(
        "teams",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("team_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "team_id", name="pk_teams"),
    )
    op.create_index("ix_teams_team_id", "teams", ["team_id"])
    op.create_index("ix_teams_left_at", "teams", ["left_at"])


def downgrade() -> None:
    op.execute(
        "DELETE FROM deliveries WHERE NOT EXISTS (SELECT 1 FROM integrations WHERE"
        " integrations.tenant_id = deliveries.tenant_id AND integrations.id = integration_id)"
    )
    with op.batch_alter_table("deliveries") as batch:
        batch.create_foreign_key(
            FOREIGN_KEY,
            "integrations",
            ["tenant_id", "integration_id"],
            ["tenant_id", "id"],
            ondelete="CASCADE",
        )
    op.drop_index(NEW_INDEX, "home_viewers")
    op.create_index(OLD_INDEX, "home_viewers", ["tenant_id", "seen_at"])
    for table in ("home_viewers", "inbox"):
        op.drop_column(table, "team_id")
    op.drop_table("teams")
