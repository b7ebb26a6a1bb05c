"""Whether a database of the newest schema can be worked with: its tables are there, and ours to
write.
"""

import os
from pathlib import Path
from tempfile import TemporaryFile

import sqlalchemy as sa

from flows.errors import StorageUnavailable, Trouble
from storage import tables
from storage.connections import Engine
from storage.engine import read_rows, translated
from storage.trouble import trouble_of_file

SOME_ROOM = 256 * 1024  # bytes, of which what somebody presses needs a part
_NAMES = tuple(tables.metadata.tables)
# Roles with all rights on tables often lack those on the sequences that number their rows.
_ON_POSTGRES = sa.text("""
    WITH ours AS (SELECT to_regclass(name) AS id FROM unnest(CAST(:names AS text[])) AS name),
    numbers AS MATERIALIZED (
        SELECT c.oid AS id FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid IN (SELECT id FROM ours) AND c.relkind = 'S'
    )
    SELECT EXISTS (SELECT FROM ours WHERE id IS NULL) AS incomplete,
        EXISTS (
            SELECT FROM ours WHERE NOT (
                has_table_privilege(id, 'SELECT') AND has_table_privilege(id, 'INSERT')
                AND has_table_privilege(id, 'UPDATE') AND has_table_privilege(id, 'DELETE')
            )
        ) OR EXISTS (
            SELECT FROM numbers WHERE NOT has_sequence_privilege(id, 'USAGE, UPDATE')
        ) AS refused,
        pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool AS read_only
""")
_ON_SQLITE = sa.text("SELECT name FROM sqlite_master WHERE type = 'table'")


# As whoever writes a row locks a table; it fails as they do. SQLite's writers lock all at once.
_AS_WRITERS = {
    "postgresql": sa.text(f"LOCK TABLE {', '.join(_NAMES)} IN ROW EXCLUSIVE MODE"),
    "sqlite": sa.text("SELECT 1"),
}


async def require_usable(engine: Engine) -> None:
    """Writes nothing. Raises `StorageUnavailable`."""
    if engine.room.is_full:
        raise StorageUnavailable("", Trouble.FULL)
    is_sqlite = engine.dialect.name == "sqlite"
    if trouble := await (_of_sqlite if is_sqlite else _of_postgres)(engine):
        raise StorageUnavailable("", trouble)


async def require_writable(engine: Engine) -> None:
    """Waits for others' locks as a writer would, and needs room beside an SQLite file. PostgreSQL
    tells nobody how much room it has. Raises `StorageUnavailable`.
    """
    with translated(engine):
        async with engine.connect() as connection:
            await connection.execute(_AS_WRITERS[engine.dialect.name])
    if engine.dialect.name == "sqlite":
        _require_room(Path(str(engine.url.database)).parent)


def _require_room(folder: Path) -> None:
    try:
        with TemporaryFile(dir=folder, buffering=0) as file:
            if file.write(os.urandom(SOME_ROOM)) < SOME_ROOM:  # what is left of the disk
                raise StorageUnavailable("", Trouble.FULL)
    except OSError as error:
        raise StorageUnavailable("", trouble_of_file(error)) from error


async def _of_sqlite(engine: Engine) -> Trouble | None:
    there = {row.name for row in await read_rows(engine, _ON_SQLITE)}
    if not there.issuperset(_NAMES):
        return Trouble.INCOMPLETE
    return None if os.access(str(engine.url.database), os.W_OK) else Trouble.READ_ONLY


async def _of_postgres(engine: Engine) -> Trouble | None:
    (found,) = await read_rows(engine, _ON_POSTGRES, {"names": list(_NAMES)})
    if found.incomplete:
        return Trouble.INCOMPLETE
    if found.refused:
        return Trouble.REFUSED
    return Trouble.READ_ONLY if found.read_only else None
