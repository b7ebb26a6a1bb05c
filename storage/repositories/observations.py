"""What Segment last said, one row for each thing that it was asked about, and what broke since.

An incident has one row, which is open until it is closed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from flows.checks.facts import Incident
from flows.checks.question import CheckKind
from flows.errors import RowUnreadable
from flows.model import Catalogue, Observed, SourceStatus
from flows.replay.facts import Coverage
from flows.setup.blockers import Blocker
from flows.vocabulary import TokenHealth
from storage import documents, tables
from storage.clauses import in_text, of_integration
from storage.transaction import Repository
from storage.unreadable import Reading, readable


class Kind(StrEnum):
    CATALOGUE = "catalogue"
    STATUS = "status"  # the subject is the source's id
    COVERAGE = "coverage"
    LOOKED = "looked"
    FAILURES = "failures"
    ROUND = "round"  # when a look began that has not reached all sources yet
    TOKEN = "token"  # noqa: S105 - whether Segment accepts it, never the token itself
    WAITED = "waited"
    WINDOW = "window"  # one that shows live sync; the subject is its name


_t, _i = tables.observations, tables.incidents
_OF = sa.select(_t.c.kind, _t.c.subject, _t.c.document).where(of_integration(_t))
# What is read without a transaction, and kept parsed: each opened window would change those rows.
SITUATION = _t.c.kind != in_text(Kind.WINDOW)
_CLEAR = sa.delete(_t).where(of_integration(_t))
_subjects: sa.BindParameter[str] = sa.bindparam("subjects", expanding=True)
_KEEP_STATUSES = _CLEAR.where(_t.c.kind == Kind.STATUS, _t.c.subject.not_in(_subjects))
_FORGET_WINDOWS = _CLEAR.where(_t.c.kind == Kind.WINDOW, _t.c.subject.in_(_subjects))
_open = sa.and_(of_integration(_i), _i.c.closed_at.is_(None))
_OPEN = (
    sa.select(_i.c.kind, _i.c.subject, _i.c.opened_at)
    .where(_open)
    .order_by(_i.c.opened_at, _i.c.kind, _i.c.subject)
)
_CLOSE = sa.update(_i).where(
    _open, _i.c.kind == sa.bindparam("of_kind"), _i.c.subject == sa.bindparam("about")
)


class SqlObservations(Repository):
    async def of(self, integration_id: str) -> Observed:
        result = await self._transaction.execute(_OF, self._of(integration_id))
        return observed_of(result, self._ids(integration_id))

    async def put_catalogue(self, integration_id: str, catalogue: Catalogue) -> None:
        document = documents.to_text(documents.CATALOGUE, catalogue)
        await self._put(integration_id, Kind.CATALOGUE, document)

    async def put_status(self, integration_id: str, status: SourceStatus) -> None:
        document = documents.to_text(documents.STATUS, status)
        await self._put(integration_id, Kind.STATUS, document, subject=status.source_id)

    async def keep_statuses(self, integration_id: str, source_ids: Collection[str]) -> None:
        kept = {**self._of(integration_id), "subjects": list(source_ids)}
        await self._transaction.execute(_KEEP_STATUSES, kept)

    async def put_coverage(self, integration_id: str, coverage: Coverage) -> None:
        document = documents.to_text(documents.COVERAGE, coverage)
        await self._put(integration_id, Kind.COVERAGE, document)

    async def put_looked(
        self,
        integration_id: str,
        at: datetime,
        failures: int,
        round_since: datetime | None = None,
    ) -> None:
        await self._put(integration_id, Kind.LOOKED, documents.to_text(documents.MOMENT, at))
        document = documents.to_text(documents.NUMBER, failures)
        await self._put(integration_id, Kind.FAILURES, document)
        document = documents.to_text(documents.ROUND, round_since)
        await self._put(integration_id, Kind.ROUND, document)

    async def put_token(self, integration_id: str, health: TokenHealth) -> None:
        await self._put(integration_id, Kind.TOKEN, documents.to_text(documents.TOKEN, health))

    async def put_waited(self, integration_id: str, at: datetime) -> None:
        await self._put(integration_id, Kind.WAITED, documents.to_text(documents.MOMENT, at))

    async def forget_windows(self, integration_id: str, windows: Collection[str]) -> None:
        these = {**self._of(integration_id), "subjects": list(windows)}
        await self._transaction.execute(_FORGET_WINDOWS, these)

    async def clear(self, integration_id: str) -> None:
        await self._transaction.execute(_CLEAR, self._of(integration_id))

    async def _put(
        self, integration_id: str, kind: Kind, document: str, *, subject: str = ""
    ) -> None:
        of = {"kind": kind, "subject": subject, "document": document}
        await self._transaction.upsert(_t, {**self._ids(integration_id), **of})


CHECKING = "checking"  # not stored here: a check that runs, by whom, from its own table


def observed_of(rows: Iterable[Any], ids: Mapping[str, str]) -> Observed:
    """Skips kinds of a newer version. What cannot be read has not been looked at yet: the next look
    replaces it, as it replaces everything here. `ids` say whose rows they are, for the log.
    """
    parts: dict[str, Any] = {name: {} for name, _ in _OF_MANY.values()}
    for kind, subject, document in rows:
        table = tables.pending_checks if kind == CHECKING else _t
        try:
            with Reading(table, **ids, kind=kind, record_id=subject):
                if kind in _OF_MANY:
                    name, read = _OF_MANY[kind]
                    parts[name][subject] = read(document)
                elif kind in _PARTS:
                    name, adapter = _PARTS[kind]
                    parts[name] = adapter.validate_json(document)
        except RowUnreadable:
            continue
    return Observed(**parts)


def _running(check: str) -> str:
    """A check's id and its kind. Nobody can show how one of an unknown kind goes on."""
    CheckKind(check.partition(" ")[2])
    return check


# Kinds with a row for each subject: the field of `Observed`, and how to read one.
_OF_MANY: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    Kind.STATUS: ("statuses", lambda text: documents.STATUS.validate_json(text)),
    Kind.WINDOW: ("windows", lambda text: documents.MOMENT.validate_json(text)),
    CHECKING: ("checks", _running),
}
# Kinds with one row for each integration: the field of `Observed`, and how to read it.
_PARTS: Mapping[str, tuple[str, documents.Document[Any]]] = {
    Kind.CATALOGUE: ("catalogue", documents.CATALOGUE),
    Kind.COVERAGE: ("coverage", documents.COVERAGE),
    Kind.LOOKED: ("looked_at", documents.MOMENT),
    Kind.FAILURES: ("failures", documents.NUMBER),
    Kind.ROUND: ("round_since", documents.ROUND),
    Kind.TOKEN: ("token", documents.TOKEN),
    Kind.WAITED: ("waited_at", documents.MOMENT),
}


class SqlIncidents(Repository):
    async def of(self, integration_id: str) -> Sequence[Incident]:
        ids = self._ids(integration_id)

        def read(row: sa.Row[Any]) -> Incident:
            with Reading(_i, **ids, kind=row.kind, record_id=row.subject):
                return Incident(Blocker(row.kind), row.subject, row.opened_at)

        rows = await self._transaction.execute(_OPEN, self._of(integration_id))
        return readable(rows, read)

    async def open(self, integration_id: str, incident: Incident) -> bool:
        values = {
            **self._ids(integration_id),
            "kind": incident.kind,
            "subject": incident.subject,
            "opened_at": incident.opened_at,
        }
        return await self._transaction.insert_new(_i, values, _i.c.kind) is not None

    async def close(self, integration_id: str, incident: Incident, at: datetime) -> bool:
        same = {"of_kind": incident.kind, "about": incident.subject, "closed_at": at}
        its = {**self._of(integration_id), **same}
        return (await self._transaction.execute(_CLOSE, its)).rowcount == 1
