"""The tables behind the board: where each set-up stands, the words of its names, and counts."""

from collections.abc import Iterator

import sqlalchemy as sa

from storage.column_types import Instant, Name, Sequence
from storage.metadata import index, metadata, tenant_column, to_integration

_KEY = ("tenant_id", "integration_id")
# Set-ups that are finished or disconnected, with nothing to watch and nothing to do.
ENDED = "standing IN (2, 3) AND next_poll_at IS NULL AND need_at IS NULL"


def _pages() -> Iterator[sa.Index]:
    """The orders of the board's pages, once for everybody and once for each filter: those who need
    a CSM by urgency and age, the others by where they stand.
    """
    needs, rest = ("urgency", "need_at", *_KEY), ("standing", "blocked_since", *_KEY)
    yield index("ix_overview_needs", *needs, only="need_at IS NOT NULL")
    yield index("ix_overview_rest", *rest)
    for each in ("waiting_on", "blocker", "owner"):
        yield index(f"ix_overview_needs_by_{each}", each, *needs, only="need_at IS NOT NULL")
        yield index(f"ix_overview_rest_by_{each}", each, *rest)
    in_step = "need_at IS NOT NULL AND standing = 0"
    yield index("ix_overview_needs_by_step", "step", *needs, only=in_step)
    yield index("ix_overview_rest_by_step", "step", *rest[1:], only="standing = 0")
    after_end = "standing = 2 AND blocker <> ''"
    needs_after_end = f"need_at IS NOT NULL AND {after_end}"
    yield index("ix_overview_needs_after_end", "step", *needs, only=needs_after_end)
    yield index("ix_overview_rest_after_end", "step", *rest[1:], only=after_end)
    others = "need_at IS NOT NULL AND standing > 0"
    yield index("ix_overview_needs_by_standing", "standing", *needs, only=others)


overview = sa.Table(
    "overview",
    metadata,
    tenant_column(),
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
    sa.Column("finished_at", Instant),
    sa.Column("search", sa.Text, nullable=False, server_default=""),
    sa.Column("projection", sa.Integer, nullable=False, server_default="0", index=True),
    sa.Column("found_by", sa.Text),  # the names whose words are in `words`; NULL: not yet
    to_integration(),
    *_pages(),
    index("ix_overview_finished", "finished_at", "standing", *_KEY, only="finished_at IS NOT NULL"),
    index("ix_overview_ended", "last_active_at", *_KEY, only=ENDED),
    index("ix_overview_not_found_yet", *_KEY, only="found_by IS NULL"),
)

# The words of a customer's names, as people search them (`flows.words.words_of`).
words = sa.Table(
    "words",
    metadata,
    tenant_column(),
    sa.Column("integration_id", sa.Text, primary_key=True),
    sa.Column("word", Name, primary_key=True),
    to_integration(),
    sa.Index(None, "word", "tenant_id", "integration_id"),
)

# How many customers there are of each kind: the sum of changes. Triggers of the overview (migration
# 0013) add one row for each change, so nobody waits for anybody, and the previous version's changes
# count too. `storage.housekeeping` adds them up. A migration that copies the overview on SQLite
# (`batch_alter_table`) has to create the triggers again.
standing_counts = sa.Table(
    "standing_counts",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("standing", sa.Integer, nullable=False),
    sa.Column("milestone", sa.Integer, nullable=False),
    sa.Column("change", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)
owner_counts = sa.Table(
    "owner_counts",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("change", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)
