"""The tables. A row of a tenant carries the tenant's id, and its key begins with it.

Instants are UTC. Documents and parameters are JSON in text columns, read by `storage.documents`.
"""

import sqlalchemy as sa

from storage.board_tables import ENDED as ENDED
from storage.board_tables import overview as overview
from storage.board_tables import owner_counts as owner_counts
from storage.board_tables import standing_counts as standing_counts
from storage.board_tables import words as words
from storage.column_types import Instant, Sequence
from storage.guard_tables import audit as audit
from storage.guard_tables import credential_tries as credential_tries
from storage.guard_tables import entry_links as entry_links
from storage.guard_tables import seen_requests as seen_requests
from storage.metadata import index, tenant_column, to_integration
from storage.metadata import metadata as metadata
from storage.work_tables import DELIVERY_OVER as DELIVERY_OVER
from storage.work_tables import deliveries as deliveries
from storage.work_tables import due as due
from storage.work_tables import inbox as inbox
from storage.work_tables import outbox as outbox
from storage.work_tables import rate_gates as rate_gates

installations = sa.Table(
    "installations",
    metadata,
    tenant_column(),
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
    sa.Column("refused_at", Instant),
    sa.Column("sealed_token", sa.Text),
    sa.Column("sealed_refresh", sa.Text),
    sa.Column("expires_at", Instant),
    sa.Column("account", sa.Text),  # of a customer whom a CSM invited
    sa.Column("invited_by", sa.Text),
    sa.Column("refreshing_until", Instant),  # whose turn it is to renew the token, by its end
    index("ix_installations_revoked", "tenant_id", only="revoked_at IS NOT NULL"),
    index("ix_installations_refused", "tenant_id", only="refused_at IS NOT NULL"),
)

# The Slack workspaces that an installation reaches. If one has left, its row is the tombstone.
teams = sa.Table(
    "teams",
    metadata,
    tenant_column(),
    sa.Column("team_id", sa.Text, primary_key=True, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("granted_at", Instant, nullable=False),
    sa.Column("left_at", Instant, index=True),
    sa.Column("erased_at", Instant),
    index("ix_teams_to_erase", "tenant_id", only="left_at IS NOT NULL AND erased_at IS NULL"),
)

integrations = sa.Table(
    "integrations",
    metadata,
    tenant_column(),
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
    tenant_column(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("sealed_token", sa.Text, nullable=False),
    to_integration(),
)

# The write keys with which Toplyne sends to Segment.
write_keys = sa.Table(
    "write_keys",
    metadata,
    tenant_column(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("sealed_key", sa.Text, nullable=False),
    to_integration(),
)

pending_checks = sa.Table(
    "pending_checks",
    metadata,
    tenant_column(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("integration_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("answers", sa.Text, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sealed_secret", sa.Text),
    to_integration(),
    sa.Index(None, "tenant_id", "integration_id"),
)

observations = sa.Table(
    "observations",
    metadata,
    tenant_column(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    to_integration(),
)

# What broke, and until when. At most one is open for each kind and subject.
incidents = sa.Table(
    "incidents",
    metadata,
    tenant_column(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("opened_at", Instant, primary_key=True),
    sa.Column("closed_at", Instant),
    to_integration(),
    index("ix_incidents_closed", "closed_at", only="closed_at IS NOT NULL"),
    index(
        "uq_incidents_open",
        "tenant_id",
        "integration_id",
        "kind",
        "subject",
        only="closed_at IS NULL",
        unique=True,
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
    sa.Index(None, "kind", "at", "tenant_id", "integration_id"),
    sqlite_autoincrement=True,
)

# Every version of a Replay request. The facts hold the newest one too.
replay_requests = sa.Table(
    "replay_requests",
    metadata,
    tenant_column(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("requested_at", Instant, nullable=False),
    to_integration(),
)

cards = sa.Table(
    "cards",
    metadata,
    tenant_column(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("ts", sa.Text, nullable=False),
    sa.Column("drawn", sa.Text, nullable=False, server_default=""),
    to_integration(),
)

home_viewers = sa.Table(
    "home_viewers",
    metadata,
    tenant_column(),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("team_id", sa.Text, nullable=False, server_default=""),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("drawn", sa.Text, nullable=False, server_default=""),
    sa.Index(None, "tenant_id", "team_id", "seen_at"),
)

csm_channel = sa.Table(
    "csm_channel",
    metadata,
    tenant_column(),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("bound_by", sa.Text, nullable=False),
    sa.Column("bound_at", Instant, nullable=False),
)

# Customers whom CSMs have invited to install the app.
invitations = sa.Table(
    "invitations",
    metadata,
    tenant_column(),
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("invited_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
    sa.Column("installed_at", Instant),
    index(
        "ix_invitations_waiting", "tenant_id", "invited_at", "account", only="installed_at IS NULL"
    ),
)

# The channel takes no messages any more, and since when. Told once.
csm_trouble = sa.Table(
    "csm_trouble",
    metadata,
    tenant_column(),
    sa.Column("channel_id", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("since", Instant, nullable=False),
)

digests = sa.Table(
    "digests",
    metadata,
    tenant_column(),
    sa.Column("next_at", Instant, nullable=False),
)

# These belong to no tenant: it is not known yet who will install the app.
oauth_states = sa.Table(
    "oauth_states",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("expires_at", Instant, nullable=False, index=True),
)
