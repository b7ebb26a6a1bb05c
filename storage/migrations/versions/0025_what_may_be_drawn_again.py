"""All that a change may draw again is found like what colleagues were told of each other.

A program of the version before finds that by another index for as long as it runs.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | Sequence[str] | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "ix_outbox_told"
KEY = ["tenant_id", "integration_id", "created_at", "sequence"]
TOLD = (
    "kind IN ('arrival_confirmed', 'colleague_did', 'completed', 'confirmed', 'csm_message', "
    "'delegated', 'delegation_news', 'disconnected', 'first_data', 'go_on', 'help_received', "
    "'incident', 'incident_over', 'rejected', 'reminder', 'replay_news', 'replay_request', "
    "'welcome')"
)
FORMER = "kind IN ('delegated', 'delegation_news', 'go_on', 'colleague_did', 'disconnected')"


def upgrade() -> None:
    _replace(TOLD)


def downgrade() -> None:
    _replace(FORMER)


def _replace(only: str) -> None:
    where = sa.text(only)
    op.drop_index(NAME, "outbox")
    op.create_index(NAME, "outbox", KEY, sqlite_where=where, postgresql_where=where)
