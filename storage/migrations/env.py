"""Alembic runs this for every command, on the connection that `storage.schema` opened."""

import sqlalchemy as sa
from alembic import context

from storage.tables import metadata


def run(connection: sa.Connection) -> None:
    """SQLite changes a table by copying it (`batch`), which works inside a transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
