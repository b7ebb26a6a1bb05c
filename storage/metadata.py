"""What all tables share: the metadata, and columns and keys of a tenant's rows."""

import sqlalchemy as sa

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


def index(name: str | None, *columns: str, only: str = "") -> sa.Index:
    """`only`: the rows that the index holds. Statements name the same condition."""
    if not only:
        return sa.Index(name, *columns)
    condition = sa.text(only)
    return sa.Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


def of_integration() -> sa.ForeignKeyConstraint:
    """Points to an integration of the same tenant. The row is deleted with the integration."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", "integration_id"],
        ["integrations.tenant_id", "integrations.id"],
        ondelete="CASCADE",
    )
