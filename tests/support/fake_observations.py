"""Observations and incidents in the in-memory storage."""

from collections.abc import Collection, Sequence
from datetime import datetime

from flows.checks.facts import Incident
from flows.model import Catalogue, Observed, SourceStatus
from flows.replay.facts import Coverage
from flows.vocabulary import TokenHealth
from tests.support.fake_repositories import Repository
from tests.support.fake_tables import Observation


class FakeObservations(Repository):
    async def of(self, integration_id: str) -> Observed:
        found = {
            key[2:]: value
            for key, value in self._tables.observations.items()
            if key[:2] == self._key(integration_id)
        }
        statuses = {source: value for (kind, source), value in found.items() if kind == "status"}
        windows = {name: value for (kind, name), value in found.items() if kind == "window"}
        rest = {kind: v for (kind, _), v in found.items() if kind not in ("status", "window")}
        return Observed(statuses=statuses, windows=windows, **rest)  # type: ignore[arg-type]

    async def put_catalogue(self, integration_id: str, catalogue: Catalogue) -> None:
        self._put(integration_id, "catalogue", "", catalogue)

    async def put_status(self, integration_id: str, status: SourceStatus) -> None:
        self._put(integration_id, "status", status.source_id, status)

    async def keep_statuses(self, integration_id: str, source_ids: Collection[str]) -> None:
        rows = self._tables.observations
        statuses = [key for key in rows if key[:3] == (*self._key(integration_id), "status")]
        for key in statuses:
            if key[3] not in source_ids:
                del rows[key]

    async def put_coverage(self, integration_id: str, coverage: Coverage) -> None:
        self._put(integration_id, "coverage", "", coverage)

    async def put_looked(
        self,
        integration_id: str,
        at: datetime,
        failures: int,
        round_since: datetime | None = None,
    ) -> None:
        self._put(integration_id, "looked_at", "", at)
        self._put(integration_id, "failures", "", failures)
        self._put(integration_id, "round_since", "", round_since)

    async def put_token(self, integration_id: str, health: TokenHealth) -> None:
        self._put(integration_id, "token", "", health)

    async def put_waited(self, integration_id: str, at: datetime) -> None:
        self._put(integration_id, "waited_at", "", at)

    def put_window(self, integration_id: str, window: str, at: datetime) -> None:
        self._put(integration_id, "window", window, at)

    async def forget_windows(self, integration_id: str, windows: Collection[str]) -> None:
        for window in windows:
            self._tables.observations.pop((*self._key(integration_id), "window", window), None)

    async def clear(self, integration_id: str) -> None:
        rows = self._tables.observations
        for key in [key for key in rows if key[:2] == self._key(integration_id)]:
            del rows[key]

    def _put(self, integration_id: str, kind: str, subject: str, value: Observation) -> None:
        self._tables.observations[(*self._own_key(integration_id), kind, subject)] = value


class FakeIncidents(Repository):
    """Keeps only open incidents."""

    async def of(self, integration_id: str) -> Sequence[Incident]:
        rows = self._tables.incidents
        return [row for key, row in rows.items() if key[:2] == self._key(integration_id)]

    async def open(self, integration_id: str, incident: Incident) -> bool:
        key = (*self._own_key(integration_id), *incident.key)
        if key in self._tables.incidents:
            return False
        self._tables.incidents[key] = incident
        return True

    async def close(self, integration_id: str, incident: Incident, at: datetime) -> bool:
        key = (*self._key(integration_id), *incident.key)
        return self._tables.incidents.pop(key, None) is not None
