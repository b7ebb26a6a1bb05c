"""Tables that guard secrets: the audit trail, tries to enter some, pages to enter them on, requests
seen before.
"""

import sqlalchemy as sa

from storage.column_types import Instant, Sequence
from storage.metadata import metadata, tenant_column, to_integration

# Who saw, entered, replaced and deleted credentials, who confirmed, exported and erased. No entry
# changes; what an operator did outlives the customer's data.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("team_id", sa.Text, nullable=False),
    sa.Column("integration_id", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("of_toplyne", sa.Boolean, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("once", sa.Text),  # two entries with the same one are one
    sa.UniqueConstraint("tenant_id", "once"),
    sa.Index(None, "tenant_id", "sequence"),
    sqlite_autoincrement=True,
)

# Tries to enter credentials, whose number is limited, in real time.
credential_tries = sa.Table(
    "credential_tries",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("team_id", sa.Text, nullable=False),
    sa.Column("integration_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("runs_until", Instant, nullable=False),
    sa.Index(None, "tenant_id", "at"),
    sqlite_autoincrement=True,
)

# Links to pages of our own, one for each person and step, found by the hash of their address.
entry_links = sa.Table(
    "entry_links",
    metadata,
    tenant_column(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("screen", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("team_id", sa.Text, nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("expires_at", Instant, nullable=False, index=True),
    sa.Column("used_at", Instant),
    to_integration(),
    sa.Index(None, "digest"),
)

# Signed requests that had their effect, by a hash of the signature. They belong to no tenant.
seen_requests = sa.Table(
    "seen_requests",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("seen_at", Instant, nullable=False, index=True),
)
