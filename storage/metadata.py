"""What all tables share: the metadata, and columns and keys of a tenant's rows."""

import sqlalchemy as sa

ONLY = "only"  # which rows an index holds

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def tenant_column() -> sa.Column[str]:
    return sa.Column("tenant_id", sa.Text, primary_key=True)


def index(name: str | None, *columns: str, only: str = "", unique: bool = False) -> sa.Index:
    """`only`: the rows that the index holds. Statements name the same condition.

    It is kept as a note, not as SQLAlchemy's `postgresql_where`, which would load all that there is
    for PostgreSQL, on SQLite too. Migrations make the indexes; a test compares the conditions.
    """
    return sa.Index(name, *columns, unique=unique, info={ONLY: only} if only else None)


def to_integration() -> sa.ForeignKeyConstraint:
    """Points to an integration of the same tenant. The row is deleted with the integration."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", "integration_id"],
        ["integrations.tenant_id", "integrations.id"],
        ondelete="CASCADE",
    )
