"""Searches where no secret may be: the database, the logs, and all that the app sent."""

import base64
import binascii
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import psycopg

from tests.support.world import World

_DEPTH = 3  # an encoding inside an encoding inside an encoding
_LONGEST_ENCODED = 200_000
_ASKED_OF_THE_CDN = re.compile(r"/projects/(?:[A-Za-z0-9]{22}|[A-Za-z0-9]{32})/settings$")


def find_leaks(world: World, secrets: list[str], logs: str = "") -> list[str]:
    """Each place that has one of these values, plain or encoded. Empty if there is none.

    `logs` is the captured log.
    """
    forms = _Forms({form for secret in secrets for form in spellings(secret)})
    places = _in_files(world, forms) + _in_tables(world, forms)
    places += _in_slack(world, forms) + _in_segment(world, secrets, forms)
    if forms.are_in(logs.encode()):
        places.append("the log")
    return places


def spellings(secret: str) -> set[bytes]:
    """The ways to write the value: plain, for addresses, base64, hex, and reversed."""
    raw = secret.encode()
    found = {raw, raw[::-1], quote(secret, safe="").encode(), quote_plus(secret).encode()}
    found |= {raw.hex().encode(), raw.hex().upper().encode(), raw[::-1].hex().encode()}
    return found | set(_inside_base64(raw))


def _inside_base64(raw: bytes) -> Iterator[bytes]:
    """The part of the value's base64 that is the same at any offset in a longer text."""
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            encoded = encode(b"\0" * shift + raw).rstrip(b"=")
            yield encoded[(8 * shift + 5) // 6 : -1]


class _Forms:
    """All spellings of all values.

    Each lies within a run of characters that spellings use. Most runs come again and again, so each
    is searched only once.
    """

    def __init__(self, forms: set[bytes]) -> None:
        self._forms = forms
        letters = re.escape(bytes(set(b"".join(forms))) or b"a")
        self._runs = re.compile(b"[%b]{%d,}" % (letters, min(map(len, forms), default=1)))
        self._without: set[bytes] = set()

    def are_in(self, data: bytes) -> bool:
        runs = set(self._runs.findall(data)) - self._without
        if not runs:
            return False
        text = b"\n".join(runs)
        if any(form in text for form in self._forms):
            return True
        self._without |= runs
        return False

    def except_plain(self, secrets: list[str]) -> "_Forms":
        return _Forms(self._forms - {secret.encode() for secret in secrets})


# --- the database -------------------------------------------------------------------------------


def database_files(world: World) -> list[Path]:
    """The file, its write-ahead log and its shared memory."""
    path = world.database_file
    return sorted(path.parent.glob(f"{path.name}*"))


def _in_files(world: World, forms: _Forms) -> list[str]:
    if not world.database_url.startswith("sqlite"):
        return []
    return [file.name for file in database_files(world) if forms.are_in(file.read_bytes())]


def _in_tables(world: World, forms: _Forms) -> list[str]:
    places = {
        f"{table}.{column}"
        for table, column, value in _values(world)
        if any(forms.are_in(data) for data in _unwrapped(value, _DEPTH))
    }
    return sorted(places)


def _values(world: World) -> Iterator[tuple[str, str, bytes]]:
    is_sqlite = world.database_url.startswith("sqlite")
    opened: Any = (
        sqlite3.connect(database_files(world)[0])
        if is_sqlite
        else psycopg.connect(world.database_url)
    )
    listing = "sqlite_master WHERE type = 'table'"
    if not is_sqlite:
        listing = "(SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public') AS own"
    with closing(opened) as connection:
        tables = [row[0] for row in connection.execute(f"SELECT name FROM {listing}")]
        for table in tables:
            rows = connection.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    stored = json.dumps(value) if isinstance(value, dict | list) else value
                    if isinstance(stored, str | bytes):
                        yield table, column, stored.encode() if isinstance(stored, str) else stored


def _unwrapped(data: bytes, depth: int) -> Iterator[bytes]:
    """The value, and what is wrapped in it as base64."""
    yield data
    if depth == 0 or len(data) > _LONGEST_ENCODED:
        return
    if inner := _from_base64(data):
        yield from _unwrapped(inner, depth - 1)


def _from_base64(data: bytes) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        return b""


# --- what went out ------------------------------------------------------------------------------


def _in_slack(world: World, forms: _Forms) -> list[str]:
    """All that the app said: its calls, and its answers to Slack."""
    places = []
    for exchange in world.slack.traffic:
        said = exchange.request if exchange.direction == "from_app" else exchange.answer
        decoded = unquote_plus(said.decode(errors="replace")).encode()
        if forms.are_in(said) or forms.are_in(decoded):
            places.append(f"Slack: {exchange.direction} {exchange.name}")
    return places


def _in_segment(world: World, secrets: list[str], forms: _Forms) -> list[str]:
    """A token may reach Segment as the bearer token, and nowhere else in a request. Text that has
    exactly the shape of a write key may stand in the one address that tells whether it is one.
    """
    places, encoded = [], forms.except_plain(secrets)
    for heard in world.to_segment:
        rest = " ".join(
            [_ASKED_OF_THE_CDN.sub("", heard.path), heard.query, *heard.headers.values()]
        )
        if forms.are_in(rest.encode()) or encoded.are_in(heard.bearer.encode()):
            places.append(f"Segment: {heard.path}")
    return places
