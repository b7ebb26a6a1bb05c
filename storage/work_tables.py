"""Tables of what goes on behind: what came in, what is sent and due, and when calls may leave."""

import sqlalchemy as sa

from storage.column_types import Instant, Name, Sequence
from storage.metadata import index, metadata, tenant_column
from storage.placed import PASSING, PLACE_KEY, PLACED, TOLD

inbox = sa.Table(
    "inbox",
    metadata,
    tenant_column(),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("team_id", sa.Text, nullable=False, server_default=""),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("error", sa.Text),  # why processing it failed
    sa.Column("open", sa.Boolean, nullable=False, server_default=sa.false()),  # not processed yet
    index(None, "received_at", only="open"),
    index("ix_inbox_age", "received_at"),
    index("ix_inbox_failed", "received_at", "event_id", "kind", only="error IS NOT NULL"),
)

# No foreign key: what a person was promised is sent even after a disconnect.
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
    index("ix_outbox_told", "tenant_id", "integration_id", "created_at", "sequence", only=TOLD),
    index("ix_outbox_passing", "due_at", only=PASSING),
    index("ix_outbox_placed", *PLACE_KEY, only=PLACED),
    index("ix_outbox_pending", "sequence", "kind", only="state = 'pending'"),
    index("ix_outbox_dead", "sequence", "kind", only="state = 'dead'"),
    sqlite_autoincrement=True,
)

# A delivery that ended. A secret's row stays while Toplyne may hold the secret, because it decides
# whether Toplyne must be told of a withdrawal.
DELIVERY_OVER = (
    "state = 'withdrawn' OR (state <> 'pending' AND kind NOT IN ('credentials', 'write_key'))"
)

# What Toplyne's backend receives, without secrets. No foreign key: withdrawals outlive the rest.
deliveries = sa.Table(
    "deliveries",
    metadata,
    tenant_column(),
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
    sa.Index(None, "id"),
    sa.Index(None, "created_at", "id"),
    index("ix_deliveries_pending", "kind", only="state = 'pending'"),
    index("ix_deliveries_dead", "kind", only="state = 'dead'"),
    index("ix_deliveries_over", "due_at", only=DELIVERY_OVER),
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
    # In the order in which workers claim: many rows are due at the same moment.
    index(None, "kind", "due_at", "tenant_id", "subject", only="due_at IS NOT NULL"),
)

# When the next call to Slack or Segment may leave, for each limit that they count.
rate_gates = sa.Table(
    "rate_gates",
    metadata,
    tenant_column(),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("free_at", Instant, nullable=False, index=True),
)
