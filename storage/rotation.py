"""Seals every stored secret with the first key, so that older keys can be dropped."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage import tables
from storage.cipher import Cipher
from storage.engine import translated

SEALED = (
    tables.installations.c.sealed_token,
    tables.vault.c.sealed_token,
    tables.write_keys.c.sealed_key,
    tables.pending_checks.c.sealed_secret,
)


async def reseal(engine: AsyncEngine, cipher: Cipher) -> int:
    """Seals all secrets again, or none. Returns how many.

    Raises `SealBroken` if no key opens one of them, `StorageUnavailable`.
    """
    with translated():
        async with engine.begin() as connection:
            return sum([await _reseal_column(connection, cipher, column) for column in SEALED])


async def _reseal_column(
    connection: AsyncConnection, cipher: Cipher, column: sa.Column[str | None]
) -> int:
    table = column.table
    rows = (await connection.execute(sa.select(*table.primary_key, column))).all()
    sealed = [(row[:-1], row[-1]) for row in rows if row[-1] is not None]
    for key, old in sealed:
        same_key = zip(table.primary_key, key, strict=True)
        statement = (
            sa.update(table)
            # A secret that was replaced meanwhile is already sealed with the first key.
            .where(*(part == value for part, value in same_key), column == old)
            .values({column: cipher.rotate(old)})
        )
        await connection.execute(statement)
    return len(sealed)
