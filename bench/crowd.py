"""Fills a database with made-up customers in all states: as many rows as in use, made in seconds.

Each customer is a copy of one of a few thousand situations, with ids, names and an owner of its
own. The rows go in by COPY (PostgreSQL) or in one transaction (SQLite), past the repositories.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import make_url

from bot.demo.customers import COUNT, history_of, sample_names, sample_situation
from flows.model import Situation
from flows.outbox.bodies import DrawCard
from flows.outbox.jobs import JobKind
from flows.outbox.messages import CSM_CONVERSATIONS, MessageState
from flows.projection import project, words_of
from flows.toplyne.model import DeliveryKind, DeliveryState
from storage import documents, tables
from storage.documents import event_fields

INTERVAL = timedelta(minutes=15)
SHIFTS = 50  # how many times each sample is taken, each time begun at another moment
OF_ONE_CSM = 200  # customers
BATCH = 2_000  # customers whose rows are in memory at once
TENANT, PERSON, OWNER, SETUP, WORD = "T0TENANT", "U0PERSON", "U0OWNER", "int-setup", "0word"
PLACEHOLDERS = (TENANT, PERSON, SETUP, OWNER, "(sample)", WORD)
_SYLLABLES = tuple(a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "é", "ö"))

Rows = dict[sa.Table, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """`holes` are the columns with placeholders, where each copy has its own id, name or owner."""

    table: sa.Table
    values: dict[str, Any]
    holes: tuple[tuple[str, tuple[str, ...]], ...]


Template = Sequence[TemplateRow]


def tenant(number: int) -> str:
    return f"T{number:08}"


def setup(number: int) -> str:
    return f"int_{number:08}"


def csm(number: int, count: int) -> str:
    """Who looks after this customer, among so many customers."""
    return f"U0CSM{number % max(2, count // OF_ONE_CSM)}"


def own_word(number: int) -> str:
    """A word that only one customer has in its name."""
    word, base = "", len(_SYLLABLES)
    for _ in range(4):
        number, last = divmod(number, base)
        word += _SYLLABLES[last]
    return word.capitalize()


def fill(address: str, count: int, now: datetime) -> None:
    """Writes so many customers into an empty database that has the newest schema."""
    pool = templates(now, count)
    batches = (
        list(chain.from_iterable(copies(pool, number, count) for number in some))
        for some in batched(count)
    )
    if make_url(address).get_backend_name() == "sqlite":
        _fill_sqlite(str(make_url(address).database), batches)
    else:
        _fill_postgres(address, batches)


def batched(count: int) -> Iterator[range]:
    for first in range(0, count, BATCH):
        yield range(first, min(first + BATCH, count))


def templates(now: datetime, most: int) -> Sequence[Template]:
    """Every sample customer at some moments of the last days; no more than are needed."""
    return [
        _template(number, sample_situation(
            number, TENANT, PERSON, (OWNER,), now - timedelta(minutes=shift * 173)
        ))
        for shift in range(min(SHIFTS, 1 + most // COUNT))
        for number in range(COUNT)
    ]  # fmt: skip


def copies(
    pool: Sequence[Template], number: int, count: int
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    own = {TENANT: tenant(number), PERSON: f"U{number:08}", SETUP: setup(number)}
    word = own_word(number)
    own |= {OWNER: csm(number, count), "(sample)": word, WORD: next(iter(words_of(word)))}
    for row in pool[number % len(pool)]:
        if _is_wanted(row.table, row.values, number):
            values = dict(row.values)
            for name, placeholders in row.holes:
                for each in placeholders:
                    values[name] = values[name].replace(each, own[each])
            yield row.table, values


def _template_row(table: sa.Table, values: dict[str, Any]) -> TemplateRow:
    holes = []
    for name, value in values.items():
        if isinstance(value, str):
            found = tuple(each for each in PLACEHOLDERS if each in value)
            holes += [(name, found)] if found else []
    return TemplateRow(table, values, tuple(holes))


def _is_wanted(table: sa.Table, row: dict[str, Any], number: int) -> bool:
    """What waits, failed or was given up is rare."""
    if table is tables.outbox:
        return row["state"] == MessageState.SENT or number % 200 == 0
    if table is tables.deliveries:
        return number % (10 if row["state"] == DeliveryState.DELIVERED else 1_000) == 0
    if table is tables.inbox:
        return row["error"] is None or number % 1_000 == 0
    return True


# --- one customer's rows --------------------------------------------------------------------------


def _template(number: int, situation: Situation) -> Template:
    name = sample_names()[number]
    integration = replace(situation.integration, id=SETUP)
    situation = replace(situation, integration=integration)
    overview = project(situation, INTERVAL)
    key = {"tenant_id": TENANT, "integration_id": SETUP}
    at = integration.created.at
    rows: list[tuple[sa.Table, dict[str, Any]]] = [
        (tables.installations, _installation(name, at)),
        (tables.teams, _team(name, at)),
        (tables.integrations, _integration(situation)),
        (tables.overview, {**key, **asdict(overview), "found_by": f"{overview.search}\n{name}"}),
        *((tables.words, {**key, "word": word}) for word in _words(overview.search, name)),
        (tables.cards, {**key, "channel_id": "C0CSM", "ts": "1700000000.000100"}),
        (tables.home_viewers, {
            "tenant_id": TENANT, "user_id": PERSON, "team_id": TENANT, "seen_at": situation.now
        }),
        *((tables.observations, {**key, **row}) for row in _observations(situation)),
        *((tables.history, {
            **key, "kind": event.kind, "at": event.stamp.at, "by": event.stamp.by,
            "params": event_fields(event),
        }) for event in history_of(integration)),
        *((tables.due, _due(kind, at)) for kind, at in (
            (JobKind.POLL, overview.next_poll_at),
            (JobKind.REMIND, overview.next_reminder_at),
            (JobKind.CALL, overview.next_call_at),
        )),
        *((tables.outbox, _message(state, situation.now)) for state in MessageState),
        *((tables.deliveries, _delivery(state, situation.now)) for state in (
            DeliveryState.DELIVERED, DeliveryState.PENDING, DeliveryState.DEAD
        )),
        *((tables.inbox, _event(error, situation.now)) for error in (None, "RuntimeError")),
    ]  # fmt: skip
    if overview.blocker == "token_revoked":
        rows.append((tables.incidents, {
            **key, "kind": overview.blocker, "subject": "", "opened_at": overview.blocked_since,
            "closed_at": None,
        }))  # fmt: skip
    return [_template_row(*row) for row in rows]


def _words(search: str, name: str) -> Iterator[str]:
    yield from words_of(f"{search} {name.removesuffix('(sample)')}")
    yield WORD


def _installation(name: str, at: datetime) -> dict[str, Any]:
    return {
        **dict.fromkeys(("enterprise_id", "app_id", "bot_id", "bot_user_id"), ""),
        "tenant_id": TENANT,
        "team_id": TENANT,
        "is_enterprise_install": False,
        "team_name": name,
        "scopes": "[]",
        "installed_by": PERSON,
        "installed_at": at,
    }


def _team(name: str, at: datetime) -> dict[str, Any]:
    return {"tenant_id": TENANT, "team_id": TENANT, "name": name, "granted_at": at}


def _integration(situation: Situation) -> dict[str, Any]:
    integration = situation.integration
    return {
        "tenant_id": TENANT,
        "id": integration.id,
        "team_id": TENANT,
        "revision": 0,
        "facts": documents.to_text(documents.INTEGRATION, integration),
        "created_at": integration.created.at,
        "updated_at": situation.now,
    }


def _observations(situation: Situation) -> Iterator[dict[str, Any]]:
    observed = situation.observed
    for source_id, status in observed.statuses.items():
        document = documents.to_text(documents.STATUS, status)
        yield {"kind": "status", "subject": source_id, "document": document}
    for kind, adapter, value in (
        ("looked", documents.MOMENT, observed.looked_at),
        ("token", documents.TOKEN, observed.token),
    ):
        if value:
            yield {"kind": kind, "subject": "", "document": documents.to_text(adapter, value)}


def _due(kind: JobKind, at: datetime | None) -> dict[str, Any]:
    numbers = {"version": 1, "attempts": 0}
    name = {"tenant_id": TENANT, "kind": kind.value, "subject": SETUP}
    return {**name, "due_at": at, "planned_at": at, **numbers}


def _message(state: MessageState, at: datetime) -> dict[str, Any]:
    return {
        "tenant_id": TENANT,
        "key": f"card:{SETUP}:{state}",
        "conversation": f"{CSM_CONVERSATIONS}{SETUP}",
        "kind": DrawCard.kind,
        "integration_id": SETUP,
        "params": "{}",
        "state": state,
        "attempts": 1,
        "created_at": at,
        "due_at": at,
        "error": "",
    }


def _delivery(state: DeliveryState, at: datetime) -> dict[str, Any]:
    return {
        "tenant_id": TENANT,
        "id": f"msg_{SETUP}_{state}",
        "integration_id": SETUP,
        "kind": DeliveryKind.CREDENTIALS,
        "subject": "1",
        "at": at,
        "data": json.dumps({"number": 1}),
        "state": state,
        "attempts": 1,
        "created_at": at,
        "due_at": at,
        "error": "",
    }


def _event(error: str | None, at: datetime) -> dict[str, Any]:
    return {
        "tenant_id": TENANT,
        "event_id": f"Ev{SETUP}{error or ''}",
        "team_id": TENANT,
        "kind": "app_home_opened",
        "params": "{}",
        "received_at": at,
        "error": error,
        "open": False,
    }


# --- into the database ----------------------------------------------------------------------------

# As triggers would have counted one by one.
COUNTS = (
    "DELETE FROM standing_counts",
    "DELETE FROM owner_counts",
    "INSERT INTO standing_counts (standing, milestone, change)"
    " SELECT standing, milestone, count(*) FROM overview GROUP BY standing, milestone",
    "INSERT INTO owner_counts (owner, change)"
    " SELECT owner, count(*) FROM overview WHERE owner <> '' GROUP BY owner",
)
Batches = Iterable[list[tuple[sa.Table, dict[str, Any]]]]


def _by_columns(
    rows: list[tuple[sa.Table, dict[str, Any]]],
) -> Iterator[tuple[sa.Table, tuple[str, ...], list[tuple[Any, ...]]]]:
    """Each table with the rows that fill the same columns."""
    found: dict[tuple[sa.Table, tuple[str, ...]], list[tuple[Any, ...]]] = {}
    for table, row in rows:
        found.setdefault((table, tuple(row)), []).append(tuple(row.values()))
    for (table, columns), values in found.items():
        yield table, columns, values


def _fill_sqlite(path: str, batches: Batches) -> None:
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


def _fill_postgres(address: str, batches: Batches) -> None:
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
