"""Installations, integrations and what belongs to them, messages, events."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

DEPENDENTS = ("vault", "pending_checks", "observations", "overview", "cards")
OTHERS = (
    "integrations",
    "installations",
    "history",
    "outbox",
    "home_viewers",
    "inbox",
    "csm_channel",
    "oauth_states",
)


def upgrade() -> None:
    _create_installations()
    _create_integrations()
    _create_vault_and_checks()
    _create_observations_and_overview()
    _create_history()
    _refuse_changes_of_history()
    _create_outbox()
    _create_cards_and_home_viewers()
    _create_inbox_and_csm_channel()
    _create_oauth_states()


def downgrade() -> None:
    for table in (*DEPENDENTS, *OTHERS):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_history()")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _sequence() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("sequence", kind, primary_key=True, autoincrement=True)


def _of_integration() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "integration_id"],
        ["integrations.tenant_id", "integrations.id"],
        ondelete="CASCADE",
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _create_installations() -> None:
    op.create_table(
        "installations",
        _key("tenant_id"),
        _text("team_id"),
        _text("enterprise_id"),
        sa.Column("is_enterprise_install", sa.Boolean, nullable=False),
        _text("team_name"),
        _text("app_id"),
        _text("bot_id"),
        _text("bot_user_id"),
        _text("scopes"),
        _text("installed_by"),
        _moment("installed_at"),
        _moment("revoked_at", nullable=True),
        _text("sealed_token", nullable=True),
    )


def _create_integrations() -> None:
    op.create_table(
        "integrations",
        _key("tenant_id"),
        _key("id"),
        _text("team_id"),
        _number("revision"),
        _text("facts"),
        _moment("created_at"),
        _moment("updated_at"),
    )
    _index("integrations", "tenant_id", "team_id", "created_at")


def _create_vault_and_checks() -> None:
    op.create_table(
        "vault",
        _key("tenant_id"),
        _key("integration_id"),
        _text("sealed_token"),
        _of_integration(),
    )
    op.create_table(
        "pending_checks",
        _key("tenant_id"),
        _key("id"),
        _text("integration_id"),
        _text("kind"),
        _text("user_id"),
        _number("revision"),
        _text("answers"),
        _moment("expires_at"),
        _number("attempts"),
        _text("sealed_secret", nullable=True),
        _of_integration(),
    )
    _index("pending_checks", "expires_at")
    _index("pending_checks", "tenant_id", "integration_id")


def _create_observations_and_overview() -> None:
    op.create_table(
        "observations",
        _key("tenant_id"),
        _key("integration_id"),
        _key("kind"),
        _key("subject"),
        _text("document"),
        _of_integration(),
    )
    op.create_table(
        "overview",
        _key("tenant_id"),
        _key("integration_id"),
        _text("step"),
        _text("blocker"),
        _text("waiting_on", nullable=True),
        _moment("blocked_since"),
        _moment("next_poll_at", nullable=True),
        _moment("last_active_at"),
        _of_integration(),
    )
    _index("overview", "next_poll_at")


def _create_history() -> None:
    op.create_table(
        "history",
        _sequence(),
        _text("tenant_id"),
        _text("integration_id"),
        _text("kind"),
        _moment("at"),
        _text("by"),
        _text("params"),
        sqlite_autoincrement=True,
    )
    _index("history", "tenant_id", "integration_id", "sequence")


def _refuse_changes_of_history() -> None:
    """Entries can be added and, on erasure, deleted. They can never be changed."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER history_is_append_only BEFORE UPDATE ON history "
            "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER history_is_append_only BEFORE UPDATE ON history "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history()"
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        _sequence(),
        _text("tenant_id"),
        _text("key"),
        _text("conversation"),
        _text("kind"),
        _text("integration_id"),
        _text("params"),
        _text("state"),
        _number("attempts"),
        _moment("created_at"),
        _moment("due_at"),
        _text("error"),
        _text("channel_id", nullable=True),
        _text("ts", nullable=True),
        sa.UniqueConstraint("tenant_id", "key"),
        sqlite_autoincrement=True,
    )
    _index("outbox", "tenant_id", "conversation", "state", "sequence")
    _index("outbox", "state", "due_at")


def _create_cards_and_home_viewers() -> None:
    op.create_table(
        "cards",
        _key("tenant_id"),
        _key("integration_id"),
        _text("channel_id"),
        _text("ts"),
        _of_integration(),
    )
    op.create_table("home_viewers", _key("tenant_id"), _key("user_id"), _moment("seen_at"))
    _index("home_viewers", "tenant_id", "seen_at")


def _create_inbox_and_csm_channel() -> None:
    op.create_table(
        "inbox",
        _key("tenant_id"),
        _key("event_id"),
        _text("kind"),
        _text("params"),
        _moment("received_at"),
    )
    op.create_table(
        "csm_channel",
        _key("tenant_id"),
        _text("channel_id"),
        _text("bound_by"),
        _moment("bound_at"),
    )


def _create_oauth_states() -> None:
    op.create_table("oauth_states", _key("digest"), _moment("expires_at"))
    _index("oauth_states", "expires_at")
