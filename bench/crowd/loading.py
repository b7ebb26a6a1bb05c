"""Rows in bulk, past the repositories: by COPY into PostgreSQL, in one transaction into SQLite."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import make_url

Rows = list[tuple[sa.Table, dict[str, Any]]]

# As triggers would have counted one by one.
COUNTS = (
    "DELETE FROM standing_counts",
    "DELETE FROM owner_counts",
    "INSERT INTO standing_counts (standing, milestone, change)"
    " SELECT standing, milestone, count(*) FROM overview GROUP BY standing, milestone",
    "INSERT INTO owner_counts (owner, change)"
    " SELECT owner, count(*) FROM overview WHERE owner <> '' GROUP BY owner",
)


def load(address: str, batches: Iterable[Rows]) -> None:
    """Into an empty database that has the newest schema."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        _load_sqlite(str(url.database), batches)
    else:
        _load_postgres(address, batches)


def _by_columns(
    rows: Rows,
) -> Iterator[tuple[sa.Table, tuple[str, ...], list[tuple[Any, ...]]]]:
    """Each table with the rows that fill the same columns."""
    found: dict[tuple[sa.Table, tuple[str, ...]], list[tuple[Any, ...]]] = {}
    for table, row in rows:
        found.setdefault((table, tuple(row)), []).append(tuple(row.values()))
    for (table, columns), values in found.items():
        yield table, columns, values


def _load_sqlite(path: str, batches: Iterable[Rows]) -> None:
    def stored(value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")

    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    for rows in batches:
        for table, columns, values in _by_columns(rows):
            names, marks = ", ".join(f'"{c}"' for c in columns), ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {table.name} ({names}) VALUES ({marks})",  # noqa: S608 - our names
                ([stored(value) for value in row] for row in values),
            )
    for statement in COUNTS:
        connection.execute(statement)
    connection.commit()
    connection.close()


def _load_postgres(address: str, batches: Iterable[Rows]) -> None:
    """Without indexes, foreign keys and triggers meanwhile, as one loads a large database."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET maintenance_work_mem = '512MB'")
        dropped = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        ).fetchall()
        for name, _ in dropped:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        for rows in batches:
            for table, columns, values in _by_columns(rows):
                _copy(connection, table, columns, values)
        for _, definition in dropped:
            connection.execute(definition)
        for statement in COUNTS:
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")


def _copy(
    connection: "psycopg.Connection[Any]",
    table: sa.Table,
    columns: tuple[str, ...],
    values: list[tuple[Any, ...]],
) -> None:
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in values:
            copy.write_row(row)
