"""Seals stored secrets with the first key, so that older keys can be dropped; says which are used.

A value is skipped if it already names the first key. So a rotation that was cut goes on with the
next one, and the bot runs meanwhile.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import tables
from storage.cipher import LABEL, NAMED, Cipher, SealBroken, key_id
from storage.connections import Engine
from storage.engine import SharedClock, read_rows, write_rows

SEALED = (
    tables.installations.c.sealed_token,
    tables.installations.c.sealed_refresh,
    tables.vault.c.sealed_token,
    tables.write_keys.c.sealed_key,
    tables.pending_checks.c.sealed_secret,
)
ROTATION_BATCH = 500
MOST_TRIED = 1000  # of each column's values that name no key, to see whether one opens them

# As text, because each start asks this, and making it from parts takes ten times as long.
_USED = sa.text(
    " UNION ALL ".join(
        f"SELECT CASE substr({column.name}, 1, {len(NAMED)}) WHEN '{NAMED}'"  # noqa: S608 - ours
        f" THEN substr({column.name}, 1, {LABEL}) ELSE '' END AS label, count(*)"
        f" FROM {column.table} WHERE {column.name} IS NOT NULL GROUP BY 1"
        for column in SEALED
    )
)

SealedRow = sa.Row[*tuple[Any, ...]]


async def reseal(engine: Engine, cipher: Cipher) -> AsyncIterator[int]:
    """Seals all secrets again that an older key sealed. Yields how many, after each transaction.

    Leaves alone what no key opens: see `keys_missing`. Raises `StorageUnavailable`.
    """
    for column in SEALED:
        after: SealedRow | None = None
        while rows := await _next(engine, cipher, column, after):
            after = rows[-1]
            yield await _reseal(engine, cipher, column, rows)


async def invited_until(engine: Engine) -> datetime | None:
    """When the last invitation that is open expires; its link is sealed as well, and in somebody's
    mail. None if there is none.
    """
    c, clock = tables.invitations.c, SharedClock()
    await clock.ask(engine)
    is_open = c.installed_at.is_(None), c.expires_at > clock.now()
    ((last,),) = await read_rows(engine, sa.select(sa.func.max(c.expires_at)).where(*is_open))
    found: datetime | None = last
    return found


async def _next(
    engine: Engine, cipher: Cipher, column: sa.Column[str | None], after: SealedRow | None
) -> list[SealedRow]:
    key = column.table.primary_key.columns
    older = sa.func.substr(column, 1, LABEL) != cipher.newest_label
    some = sa.select(*key, column).where(older).order_by(*key).limit(ROTATION_BATCH)
    if after is not None:
        some = some.where(sa.tuple_(*key) > sa.tuple_(*after[:-1]))
    return [*await read_rows(engine, some)]


async def _reseal(
    engine: Engine, cipher: Cipher, column: sa.Column[str | None], rows: list[SealedRow]
) -> int:
    """Nobody waits while the texts are made: the transaction is one statement."""
    key = column.table.primary_key.columns
    changes = [
        {f"key_{part.name}": value for part, value in zip(key, row, strict=False)}
        | {"old": row[-1], "new": text}
        for row in rows
        if (text := _rotated(cipher, row[-1]))
    ]
    if not changes:
        return 0
    same = [part == sa.bindparam(f"key_{part.name}") for part in key]
    # A secret that was replaced since it was read is not touched.
    update = sa.update(column.table).where(*same, column == sa.bindparam("old"))
    update = update.values({column: sa.bindparam("new")})
    return await write_rows(engine, update, changes)


def _rotated(cipher: Cipher, sealed: str) -> str:
    try:
        return cipher.rotate(sealed)
    except SealBroken:
        return ""


async def keys_used(engine: Engine) -> Mapping[str, int]:
    """How many secrets each key has sealed, by its id. Older texts, without one, are under ""."""
    used: Counter[str] = Counter()
    for text, count in await read_rows(engine, _USED):
        used[key_id(text)] += count
    return used


async def keys_missing(engine: Engine, cipher: Cipher) -> Mapping[str, int]:
    """How many secrets no key opens, by the id of the key that would. See `keys_used`."""
    used = await keys_used(engine)
    missing = {key: count for key, count in used.items() if key and key not in cipher.key_ids}
    unnamed = await _unnamed_lost(engine, cipher) if used.get("") else 0
    return missing | ({"": unnamed} if unnamed else {})


async def tenants_lost(engine: Engine, cipher: Cipher) -> list[str]:
    """The tenants whose bot token no key opens, as many as can be looked through."""
    i = tables.installations.c
    named = sa.func.substr(i.sealed_token, 1, LABEL).in_(cipher.labels)
    some = sa.select(i.tenant_id, i.sealed_token).where(~named).order_by(i.tenant_id)
    rows = await read_rows(engine, some.limit(MOST_TRIED))
    return [tenant_id for tenant_id, sealed in rows if not _rotated(cipher, sealed)]


async def _unnamed_lost(engine: Engine, cipher: Cipher) -> int:
    lost = 0
    for column in SEALED:
        unnamed = sa.func.substr(column, 1, len(NAMED)) != NAMED
        some = sa.select(column).where(unnamed).limit(MOST_TRIED)
        rows = await read_rows(engine, some)
        lost += sum(not _rotated(cipher, text) for (text,) in rows)
    return lost
