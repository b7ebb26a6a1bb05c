"""Who saw and changed credentials; tries to enter some; signed requests that had their effect."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | Sequence[str] | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _create_audit()
    _refuse_changes_of_audit()
    op.create_table(
        "credential_tries",
        _sequence(),
        *(_text(name) for name in ("tenant_id", "team_id", "integration_id", "user_id")),
        _moment("at"),
        _moment("runs_until"),
        sa.PrimaryKeyConstraint("sequence", name="pk_credential_tries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_credential_tries_tenant_id_at", "credential_tries", ["tenant_id", "at"])
    op.create_index("ix_credential_tries_at", "credential_tries", ["at"])
    op.create_table(
        "seen_requests",
        _text("digest"),
        _moment("seen_at"),
        sa.PrimaryKeyConstraint("digest", name="pk_seen_requests"),
    )
    op.create_index("ix_seen_requests_seen_at", "seen_requests", ["seen_at"])


def _create_audit() -> None:
    names = ("tenant_id", "team_id", "integration_id", "what", "secret", "by")
    op.create_table(
        "audit",
        _sequence(),
        *(_text(name) for name in names),
        sa.Column("of_toplyne", sa.Boolean, nullable=False),
        _moment("at"),
        sa.Column("once", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
        sa.UniqueConstraint("tenant_id", "once", name="uq_audit_tenant_id_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_tenant_id_sequence", "audit", ["tenant_id", "sequence"])


def _refuse_changes_of_audit() -> None:
    """Entries can be added and, on erasure, deleted. They can never be changed."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit()"
    )


def downgrade() -> None:
    for table in ("seen_requests", "credential_tries", "audit"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_audit()")


def _sequence() -> sa.Column[int]:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("sequence", number, nullable=False, autoincrement=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _moment(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)
