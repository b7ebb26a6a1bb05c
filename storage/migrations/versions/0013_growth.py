"""What lets a board of a million customers answer at once: indexes in the order of its pages, the
words of names, and counts that are kept. It only adds, so the previous version works on meanwhile.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from flows.words import words_of

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KEY = ["tenant_id", "integration_id"]
NEEDS, REST = ["urgency", "need_at", *KEY], ["standing", "blocked_since", *KEY]
NEEDED = "need_at IS NOT NULL"
DELIVERY_OVER = (
    "state = 'withdrawn' OR (state <> 'pending' AND kind NOT IN ('credentials', 'write_key'))"
)
# Name, table, columns, condition.
INDEXES: list[tuple[str, str, list[str], str]] = [
    ("ix_overview_needs", "overview", NEEDS, NEEDED),
    ("ix_overview_rest", "overview", REST, ""),
    ("ix_overview_needs_by_waiting_on", "overview", ["waiting_on", *NEEDS], NEEDED),
    ("ix_overview_rest_by_waiting_on", "overview", ["waiting_on", *REST], ""),
    ("ix_overview_needs_by_blocker", "overview", ["blocker", *NEEDS], NEEDED),
    ("ix_overview_rest_by_blocker", "overview", ["blocker", *REST], ""),
    ("ix_overview_needs_by_owner", "overview", ["owner", *NEEDS], NEEDED),
    ("ix_overview_rest_by_owner", "overview", ["owner", *REST], ""),
    ("ix_overview_needs_by_step", "overview", ["step", *NEEDS], f"{NEEDED} AND standing = 0"),
    ("ix_overview_rest_by_step", "overview", ["step", *REST[1:]], "standing = 0"),
    (
        "ix_overview_needs_by_standing",
        "overview",
        ["standing", *NEEDS],
        f"{NEEDED} AND standing > 0",
    ),
    ("ix_overview_not_found_yet", "overview", KEY, "found_by IS NULL"),
    ("ix_installations_revoked", "installations", ["tenant_id"], "revoked_at IS NOT NULL"),
    ("ix_teams_to_erase", "teams", ["tenant_id"], "left_at IS NOT NULL AND erased_at IS NULL"),
    ("ix_incidents_closed", "incidents", ["closed_at"], "closed_at IS NOT NULL"),
    ("ix_history_kind_at_tenant_id_integration_id", "history", ["kind", "at", *KEY], ""),
    ("ix_outbox_pending", "outbox", ["sequence", "kind"], "state = 'pending'"),
    ("ix_outbox_dead", "outbox", ["sequence", "kind"], "state = 'dead'"),
    ("ix_deliveries_id", "deliveries", ["id"], ""),
    ("ix_deliveries_created_at_id", "deliveries", ["created_at", "id"], ""),
    ("ix_deliveries_pending", "deliveries", ["kind"], "state = 'pending'"),
    ("ix_deliveries_dead", "deliveries", ["kind"], "state = 'dead'"),
    ("ix_deliveries_over", "deliveries", ["due_at"], DELIVERY_OVER),
    ("ix_inbox_age", "inbox", ["received_at"], ""),
    ("ix_inbox_failed", "inbox", ["received_at", "event_id", "kind"], "error IS NOT NULL"),
    (
        "ix_due_kind_due_at_tenant_id_subject",
        "due",
        ["kind", "due_at", "tenant_id", "subject"],
        "due_at IS NOT NULL",
    ),
]
# Each is the beginning of one above, which serves the previous version as well.
REPLACED: list[tuple[str, str, list[str], str]] = [
    ("ix_overview_standing_blocked_since", "overview", ["standing", "blocked_since"], ""),
    ("ix_overview_urgency_need_at", "overview", ["urgency", "need_at"], ""),
    ("ix_history_at", "history", ["at"], ""),
    ("ix_inbox_error", "inbox", ["error"], ""),
    ("ix_due_kind_due_at", "due", ["kind", "due_at"], "due_at IS NOT NULL"),
]
COUNTED = {"standing_counts": ["standing", "milestone"], "owner_counts": ["owner"]}


def upgrade() -> None:
    op.add_column("overview", sa.Column("found_by", sa.Text, nullable=True))
    _create_words()
    _create_counts()
    for index in INDEXES:
        _create_index(*index)
    for name, table, *_ in REPLACED:
        op.drop_index(name, table)
    _fill_words()


def downgrade() -> None:
    for index in REPLACED:
        _create_index(*index)
    for name, table, *_ in INDEXES:
        op.drop_index(name, table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION count_overview() CASCADE")
    else:
        for happening in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER overview_is_counted_on_{happening}")
    op.drop_table("standing_counts")
    op.drop_table("owner_counts")
    op.drop_table("words")
    op.drop_column("overview", "found_by")


def _create_index(name: str, table: str, columns: list[str], only: str) -> None:
    condition = sa.text(only) if only else None
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _create_words() -> None:
    op.create_table(
        "words",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("integration_id", sa.Text, nullable=False),
        sa.Column("word", NAME, nullable=False),
        sa.PrimaryKeyConstraint(*KEY, "word", name="pk_words"),
        sa.ForeignKeyConstraint(
            KEY,
            ["integrations.tenant_id", "integrations.id"],
            name="fk_words_integrations",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_words_word_tenant_id_integration_id", "words", ["word", *KEY])


# --- counts ---------------------------------------------------------------------------------------


def _create_counts() -> None:
    for table, columns in COUNTED.items():
        types: dict[str, Any] = {"owner": sa.Text}
        op.create_table(
            table,
            sa.Column("sequence", SEQUENCE, autoincrement=True, nullable=False),
            *(sa.Column(name, types.get(name, sa.Integer), nullable=False) for name in columns),
            sa.Column("change", sa.Integer, nullable=False),
            sa.PrimaryKeyConstraint("sequence", name=f"pk_{table}"),
            sqlite_autoincrement=True,
        )
        names, some = ", ".join(columns), "" if table == "standing_counts" else "WHERE owner <> ''"
        op.execute(
            f"INSERT INTO {table} ({names}, change)"  # noqa: S608 - names from above
            f" SELECT {names}, count(*) FROM overview {some} GROUP BY {names}"
        )
    if op.get_bind().dialect.name == "postgresql":
        _count_on_postgres()
    else:
        _count_on_sqlite()


def _counted(row: str, change: int) -> str:
    """Statements that count one row of the overview, or no longer."""
    return (
        f"INSERT INTO standing_counts (standing, milestone, change)"  # noqa: S608 - only our words
        f" VALUES ({row}.standing, {row}.milestone, {change});"
        f" INSERT INTO owner_counts (owner, change) SELECT {row}.owner, {change}"
        f" WHERE {row}.owner <> '';"
    )


_CHANGED = (
    "OLD.standing <> NEW.standing OR OLD.milestone <> NEW.milestone OR OLD.owner <> NEW.owner"
)


def _count_on_postgres() -> None:
    op.execute(
        "CREATE FUNCTION count_overview() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP <> 'INSERT' THEN {_counted('OLD', -1)} END IF;"
        f" IF TG_OP <> 'DELETE' THEN {_counted('NEW', 1)} END IF;"
        " RETURN NULL; END $$"
    )
    for name, happening, when in (
        ("come_or_gone", "INSERT OR DELETE", ""),
        ("changed", "UPDATE", f"WHEN ({_CHANGED})"),
    ):
        op.execute(
            f"CREATE TRIGGER overview_is_counted_{name} AFTER {happening} ON overview"
            f" FOR EACH ROW {when} EXECUTE FUNCTION count_overview()"
        )


def _count_on_sqlite() -> None:
    added, taken = _counted("NEW", 1), _counted("OLD", -1)
    for happening, when, does in (
        ("insert", "", added),
        ("update", f"WHEN {_CHANGED}", taken + added),
        ("delete", "", taken),
    ):
        op.execute(
            f"CREATE TRIGGER overview_is_counted_on_{happening} AFTER {happening} ON overview"
            f" {when} BEGIN {does} END"
        )


# --- words ----------------------------------------------------------------------------------------


def _fill_words() -> None:
    """In batches, in the order of the key."""
    connection, after = op.get_bind(), ("", "")
    while rows := connection.execute(_NAMED, {"tenant": after[0], "one": after[1]}).all():
        found = [
            {"tenant_id": row.tenant_id, "integration_id": row.integration_id, "word": word}
            for row in rows
            for word in words_of(row.names)
        ]
        if found:
            connection.execute(sa.insert(_WORDS), found)
        after = (rows[-1].tenant_id, rows[-1].integration_id)
    line_end = "chr(10)" if connection.dialect.name == "postgresql" else "char(10)"
    op.execute(
        f"UPDATE overview SET found_by = search || {line_end} || coalesce(("  # noqa: S608 - ours
        "SELECT teams.name FROM integrations AS i JOIN teams ON teams.tenant_id = i.tenant_id"
        " AND teams.team_id = i.team_id WHERE i.tenant_id = overview.tenant_id"
        " AND i.id = overview.integration_id), '')"
    )


_WORDS = sa.table("words", sa.column("tenant_id"), sa.column("integration_id"), sa.column("word"))
_NAMED = sa.text(
    "SELECT o.tenant_id, o.integration_id, o.search || ' ' || t.name AS names FROM overview AS o"
    " JOIN integrations AS i ON i.tenant_id = o.tenant_id AND i.id = o.integration_id"
    " JOIN teams AS t ON t.tenant_id = i.tenant_id AND t.team_id = i.team_id"
    " WHERE (o.tenant_id, o.integration_id) > (:tenant, :one)"
    " ORDER BY o.tenant_id, o.integration_id LIMIT 2000"
)
