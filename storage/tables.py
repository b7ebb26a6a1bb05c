"""The tables. A row of a tenant carries the tenant's id, and its key begins with it.

Instants are UTC. Documents and parameters are JSON in text columns, read by `storage.documents`.
"""

import sqlalchemy as sa

from storage.column_types import Instant, Name, Sequence

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant_id", sa.Text, primary_key=True)


def _of_integration() -> sa.ForeignKeyConstraint:
    """Points to an integration of the same tenant. The row is deleted with the integration."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", "integration_id"],
        ["integrations.tenant_id", "integrations.id"],
        ondelete="CASCADE",
    )


installations = sa.Table(
    "installations",
    metadata,
    _tenant(),
    sa.Column("team_id", sa.Text, nullable=False),
    sa.Column("enterprise_id", sa.Text, nullable=False),
    sa.Column("is_enterprise_install", sa.Boolean, nullable=False),
    sa.Column("team_name", sa.Text, nullable=False),
    sa.Column("app_id", sa.Text, nullable=False),
    sa.Column("bot_id", sa.Text, nullable=False),
    sa.Column("bot_user_id", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("installed_by", sa.Text, nullable=False),
    sa.Column("installed_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Column("sealed_token", sa.Text),
)

# The Slack workspaces that an installation reaches. If one has left, its row is the tombstone.
teams = sa.Table(
    "teams",
    metadata,
    _tenant(),
    sa.Column("team_id", sa.Text, primary_key=True, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("granted_at", Instant, nullable=False),
    sa.Column("left_at", Instant, index=True),
    sa.Column("erased_at", Instant),
)

integrations = sa.Table(
    "integrations",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("team_id", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Index(None, "tenant_id", "team_id", "created_at"),
)

vault = sa.Table(
    "vault",
    metadata,
    _tenant(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("sealed_token", sa.Text, nullable=False),
    _of_integration(),
)

# The write keys with which Toplyne sends to Segment.
write_keys = sa.Table(
    "write_keys",
    metadata,
    _tenant(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("sealed_key", sa.Text, nullable=False),
    _of_integration(),
)

pending_checks = sa.Table(
    "pending_checks",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("integration_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("answers", sa.Text, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sealed_secret", sa.Text),
    _of_integration(),
    sa.Index(None, "tenant_id", "integration_id"),
)

observations = sa.Table(
    "observations",
    metadata,
    _tenant(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    _of_integration(),
)

overview = sa.Table(
    "overview",
    metadata,
    _tenant(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("blocker", sa.Text, nullable=False),
    sa.Column("waiting_on", sa.Text),
    sa.Column("blocked_since", Instant, nullable=False),
    sa.Column("next_poll_at", Instant, index=True),
    sa.Column("next_reminder_at", Instant, index=True),
    sa.Column("next_call_at", Instant, index=True),
    sa.Column("last_active_at", Instant, nullable=False),
    sa.Column("standing", sa.Integer, nullable=False, server_default="0"),
    sa.Column("milestone", sa.Integer, nullable=False, server_default="0"),
    sa.Column("subject", sa.Text, nullable=False, server_default=""),
    sa.Column("need", sa.Text, nullable=False, server_default=""),
    sa.Column("urgency", sa.Integer, nullable=False, server_default="99"),
    sa.Column("need_at", Instant),
    sa.Column("need_by", sa.Text, nullable=False, server_default=""),
    sa.Column("owner", sa.Text, nullable=False, server_default=""),
    sa.Column("account", sa.Text, nullable=False, server_default=""),
    sa.Column("finished_at", Instant, index=True),
    sa.Column("search", sa.Text, nullable=False, server_default=""),
    sa.Column("projection", sa.Integer, nullable=False, server_default="0", index=True),
    _of_integration(),
    sa.Index(None, "standing", "blocked_since"),
    sa.Index(None, "urgency", "need_at"),
)

# What broke, and until when. At most one is open for each kind and subject.
incidents = sa.Table(
    "incidents",
    metadata,
    _tenant(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("opened_at", Instant, primary_key=True),
    sa.Column("closed_at", Instant),
    _of_integration(),
    sa.Index(
        "uq_incidents_open",
        "tenant_id",
        "integration_id",
        "kind",
        "subject",
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
)

# No foreign key: the history outlives what it is about, until the app leaves.
history = sa.Table(
    "history",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("integration_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Index(None, "tenant_id", "integration_id", "sequence"),
    sa.Index(None, "at"),
    sqlite_autoincrement=True,
)

# No foreign key here either: what a person was promised is sent even after a disconnect.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("integration_id", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("channel_id", sa.Text),
    sa.Column("ts", sa.Text),
    sa.Column("attempt_at", Instant),
    sa.Column("attempt_until", Instant),
    sa.Column("attempt_cursor", sa.Text),
    sa.UniqueConstraint("tenant_id", "key"),
    sa.Index(None, "tenant_id", "conversation", "state", "sequence"),
    sa.Index(None, "state", "due_at"),
    sqlite_autoincrement=True,
)

# What Toplyne's backend receives, without secrets. No foreign key: withdrawals outlive the rest.
deliveries = sa.Table(
    "deliveries",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("integration_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("delivered_at", Instant),
    sa.Index(None, "tenant_id", "integration_id", "created_at"),
    sa.Index(None, "state", "due_at"),
)

# Every version of a Replay request. The facts hold the newest one too.
replay_requests = sa.Table(
    "replay_requests",
    metadata,
    _tenant(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("requested_at", Instant, nullable=False),
    _of_integration(),
)

cards = sa.Table(
    "cards",
    metadata,
    _tenant(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("ts", sa.Text, nullable=False),
    _of_integration(),
)

home_viewers = sa.Table(
    "home_viewers",
    metadata,
    _tenant(),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("team_id", sa.Text, nullable=False, server_default=""),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Index(None, "tenant_id", "team_id", "seen_at"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    _tenant(),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("team_id", sa.Text, nullable=False, server_default=""),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("error", sa.Text, index=True),  # why processing it failed
    sa.Column("open", sa.Boolean, nullable=False, server_default=sa.false()),  # not processed yet
    sa.Index(None, "received_at", sqlite_where=sa.text("open"), postgresql_where=sa.text("open")),
)

csm_channel = sa.Table(
    "csm_channel",
    metadata,
    _tenant(),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("bound_by", sa.Text, nullable=False),
    sa.Column("bound_at", Instant, nullable=False),
)

# The channel takes no messages any more, and since when. Told once.
csm_trouble = sa.Table(
    "csm_trouble",
    metadata,
    _tenant(),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("since", Instant, nullable=False),
)

digests = sa.Table(
    "digests",
    metadata,
    _tenant(),
    sa.Column("next_at", Instant, nullable=False),
)

# When the next call to Slack or Segment may leave, for each limit that they count.
rate_gates = sa.Table(
    "rate_gates",
    metadata,
    _tenant(),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("free_at", Instant, nullable=False, index=True),
)

# These belong to no tenant: it is not known yet who will install the app.
oauth_states = sa.Table(
    "oauth_states",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("expires_at", Instant, nullable=False, index=True),
)

# What is due when, and who works on it until when. The rows that it points to are the truth about
# what to do, so `storage.replanning` can rebuild the table. Lease columns are in no index.
due = sa.Table(
    "due",
    metadata,
    sa.Column("tenant_id", Name, primary_key=True),
    sa.Column("kind", Name, primary_key=True),
    sa.Column("subject", Name, primary_key=True),
    sa.Column("due_at", Instant),  # NULL: nothing is planned
    sa.Column("planned_at", Instant),  # as asked for; after failures, `due_at` may be later
    sa.Column("version", sa.BigInteger, nullable=False),  # how often it was asked for
    sa.Column("attempts", sa.Integer, nullable=False),  # since the last success
    sa.Column("lease", sa.Text),
    sa.Column("lease_until", sa.Float),  # seconds since 1970, by the database's clock
    sa.Index(
        None,
        "kind",
        "due_at",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    ),
)
