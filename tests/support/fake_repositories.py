"""The in-memory storage's repositories. Each reads and writes its unit of work's copy."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

from flows.checks.question import PendingCheck
from flows.csm.facts import Card
from flows.errors import NotFound, RevisionConflict, SecretLost
from flows.history import Event, StoredEvent
from flows.model import Integration, Observed
from flows.outbox.bodies import CsmMessage, DrawCard, Farewell, Redraw
from flows.outbox.jobs import Job, JobKind
from flows.outbox.messages import (
    Attempt,
    Drawing,
    Message,
    MessageState,
    Placed,
    StoredMessage,
    edit_due,
)
from flows.overview import Overview
from flows.replay.facts import ReplayRequest
from flows.says import SAYS
from tests.support.fake_tables import FakeClock, Key, Tables


class Unit(Protocol):
    """What a repository needs from its unit of work."""

    tenant_id: str
    clock: FakeClock

    @property
    def tables(self) -> Tables: ...


class Repository:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    @property
    def _tables(self) -> Tables:
        return self._unit.tables

    @property
    def _tenant_id(self) -> str:
        return self._unit.tenant_id

    def _key(self, name: str) -> Key:
        return (self._unit.tenant_id, name)

    def _own_key(self, integration_id: str) -> Key:
        """The key of something that belongs to an integration, which must exist."""
        self._tables.require_integration(key := self._key(integration_id))
        return key


class FakeIntegrations(Repository):
    async def get(self, integration_id: str) -> Integration:
        found = self._tables.integrations.get(self._key(integration_id))
        if found is None:
            raise NotFound(integration_id)
        return found

    async def observed(self, integration_id: str) -> tuple[Integration, Observed]:
        return await self.get(integration_id), await self._unit.observations.of(integration_id)

    async def exists(self, integration_id: str) -> bool:
        return self._key(integration_id) in self._tables.integrations

    async def listed(self) -> Sequence[tuple[str, str]]:
        rows = self._tables.integrations
        return [(key[1], rows[key].team_id) for key in sorted(rows) if key[0] == self._tenant_id]

    async def of_team(self, team_id: str) -> Integration | None:
        found = [
            integration
            for (tenant_id, _), integration in self._tables.integrations.items()
            if tenant_id == self._tenant_id and integration.team_id == team_id
        ]
        return max(found, key=lambda one: (one.created.at, one.id), default=None)

    async def add(self, integration: Integration) -> None:
        self._check_tenant(integration)
        if self._key(integration.id) in self._tables.integrations:
            raise RevisionConflict(integration.id)
        self._tables.integrations[self._key(integration.id)] = integration

    async def save(self, integration: Integration) -> Integration:
        self._check_tenant(integration)
        stored = await self.get(integration.id)
        if stored.revision != integration.revision:
            raise RevisionConflict(integration.id)
        saved = replace(integration, revision=integration.revision + 1)
        self._tables.integrations[self._key(integration.id)] = saved
        return saved

    def _check_tenant(self, integration: Integration) -> None:
        if integration.tenant_id != self._tenant_id:
            raise ValueError("this integration belongs to another tenant")


class FakeHistory(Repository):
    async def append(self, integration_id: str, event: Event) -> int:
        sequence = self._tables.next_number()
        entry = (self._tenant_id, integration_id, StoredEvent(sequence, event))
        self._tables.history.append(entry)
        return sequence

    async def get(self, integration_id: str, sequence: int) -> StoredEvent:
        for entry in self._entries(integration_id):
            if entry.sequence == sequence:
                return entry
        raise NotFound(str(sequence))

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredEvent]:
        return self._entries(integration_id)[::-1][:limit]

    def _entries(self, integration_id: str) -> list[StoredEvent]:
        owner = self._key(integration_id)
        return [entry for *key, entry in self._tables.history if tuple(key) == owner]


def _opened(secret: SecretStr | None) -> SecretStr | None:
    """An empty one stands for one that no key opens."""
    if secret is not None and not secret:
        raise SecretLost("vault")
    return secret


class FakeVault(Repository):
    async def put(self, integration_id: str, secret: SecretStr) -> None:
        self._tables.vault[self._own_key(integration_id)] = secret

    async def get(self, integration_id: str) -> SecretStr | None:
        return _opened(self._tables.vault.get(self._key(integration_id)))

    async def delete(self, integration_id: str) -> None:
        self._tables.vault.pop(self._key(integration_id), None)


class FakeWriteKeys(Repository):
    async def put(self, integration_id: str, secret: SecretStr) -> None:
        self._tables.write_keys[self._own_key(integration_id)] = secret

    async def get(self, integration_id: str) -> SecretStr | None:
        return _opened(self._tables.write_keys.get(self._key(integration_id)))

    async def delete(self, integration_id: str) -> None:
        self._tables.write_keys.pop(self._key(integration_id), None)


class FakeChecks(Repository):
    async def add(self, check: PendingCheck, secret: SecretStr | None) -> None:
        self._tables.require_integration(self._key(check.integration_id))
        self._tables.checks[self._key(check.id)] = (check, secret)

    async def get(self, check_id: str) -> tuple[PendingCheck, SecretStr | None] | None:
        return self._tables.checks.get(self._key(check_id))

    async def count_attempt(self, check_id: str) -> None:
        if found := await self.get(check_id):
            check, secret = found
            counted = replace(check, attempts=check.attempts + 1)
            self._tables.checks[self._key(check_id)] = (counted, secret)

    async def delete(self, check_id: str) -> bool:
        return self._tables.checks.pop(self._key(check_id), None) is not None

    async def delete_of(self, integration_id: str) -> Sequence[PendingCheck]:
        rows = self._tables.checks
        found = [
            key
            for key, (check, _) in rows.items()
            if key[0] == self._tenant_id and check.integration_id == integration_id
        ]
        return [rows.pop(key)[0] for key in found]


class FakeOutbox(Repository):
    async def add(self, message: Message) -> None:
        rows = self._tables.outbox
        if any(self._is_own(row) and row.message.key == message.key for row in rows.values()):
            return
        sequence, now = self._tables.next_number(), self._unit.clock.now()
        due_at = edit_due(now, self._newest_card(message)) if _is_card(message) else now
        rows[sequence] = StoredMessage(
            sequence, self._tenant_id, message, MessageState.PENDING, 0, due_at, created_at=now
        )
        conversation = message.conversation
        delay = (due_at - now).total_seconds()
        self._tables.enqueue(Job(JobKind.DELIVER, self._tenant_id, conversation, delay))

    def _newest_card(self, message: Message) -> Drawing | None:
        said = self._said_in(message.conversation)
        cards = [Drawing(r.state, r.attempts, r.due_at) for r in said if _is_card(r.message)]
        return cards[-1] if cards else None

    def _said_in(self, conversation: str) -> list[StoredMessage]:
        rows = [row for row in self._tables.outbox.values() if self._is_own(row)]
        return [row for row in rows if row.message.conversation == conversation]

    async def waiting(self, conversation: str, limit: int) -> Sequence[StoredMessage]:
        said = self._said_in(conversation)
        pending = [row for row in said if row.state is MessageState.PENDING]
        return sorted(pending, key=lambda row: isinstance(row.message.body, Redraw))[:limit]

    async def hurry(self, conversation: str) -> None:
        now = self._unit.clock.now()
        for sequence, row in self._tables.outbox.items():
            is_there = self._is_own(row) and row.message.conversation == conversation
            if is_there and row.state is MessageState.PENDING and row.error and row.due_at > now:
                self._tables.outbox[sequence] = replace(row, due_at=now)

    async def claim(
        self, seen: StoredMessage, attempt: Attempt, due_at: datetime
    ) -> StoredMessage | None:
        if self._as_seen(seen) is None:
            return None
        claimed = replace(seen, attempts=seen.attempts + 1, due_at=due_at, attempt=attempt)
        self._tables.outbox[seen.sequence] = claimed
        return claimed

    async def placed(self, key: str) -> Placed | None:
        for sequence, row in self._tables.outbox.items():
            place = self._tables.places.get(sequence, ("", ""))
            if self._is_own(row) and row.message.key == key and all(place):
                return Placed(sequence, row.message, *place, row.created_at)
        return None

    async def newest(self, conversation: str, kind: str) -> Placed | None:
        said = [row.message for row in self._said_in(conversation)]
        found = [await self.placed(each.key) for each in said if each.body.kind == kind]
        return next((placed for placed in reversed(found) if placed), None)

    async def last_farewell(self, integration_id: str) -> int:
        return max((r.sequence for r in self._of_kinds(integration_id, Farewell)), default=0)

    async def told(self, integration_id: str, limit: int) -> Sequence[StoredMessage]:
        there = {sequence for sequence, (_, ts) in self._tables.places.items() if ts}
        mine = self._of_kinds(integration_id, *SAYS, CsmMessage)
        told = [r for r in mine if r.state is MessageState.PENDING or r.sequence in there]
        return sorted(told, key=lambda row: row.sequence, reverse=True)[:limit]

    def _of_kinds(self, integration_id: str, *kinds: type) -> list[StoredMessage]:
        rows = [row for row in self._tables.outbox.values() if self._is_own(row)]
        mine = [row for row in rows if row.message.integration_id == integration_id]
        return [row for row in mine if isinstance(row.message.body, kinds)]

    async def mark_sent(self, sequence: int, channel_id: str, ts: str) -> None:
        if row := self._own(sequence):
            self._tables.places[sequence] = (channel_id, ts)
            now = self._unit.clock.now()
            sent = replace(row, state=MessageState.SENT, error="", attempt=None, due_at=now)
            self._tables.outbox[sequence] = sent

    async def put_off(self, seen: StoredMessage, error: str, due_at: datetime) -> None:
        if row := self._as_seen(seen):
            put_off = replace(row, error=error, due_at=due_at, attempt=seen.attempt)
            self._tables.outbox[seen.sequence] = put_off

    async def give_up(self, seen: StoredMessage, error: str) -> None:
        if row := self._as_seen(seen):
            dead = replace(row, state=MessageState.DEAD, error=error, attempt=seen.attempt)
            self._tables.outbox[seen.sequence] = dead

    def _as_seen(self, seen: StoredMessage) -> StoredMessage | None:
        row = self._own(seen.sequence)
        if row and row.state is MessageState.PENDING and row.attempts == seen.attempts:
            return row
        return None

    def _own(self, sequence: int) -> StoredMessage | None:
        row = self._tables.outbox.get(sequence)
        return row if row and self._is_own(row) else None

    def _is_own(self, row: StoredMessage) -> bool:
        return row.tenant_id == self._tenant_id


def _is_card(message: Message) -> bool:
    return isinstance(message.body, DrawCard)


class FakeOverviews(Repository):
    async def put(self, overview: Overview) -> None:
        self._tables.overviews[self._own_key(overview.integration_id)] = overview

    async def get(self, integration_id: str) -> Overview | None:
        return self._tables.overviews.get(self._key(integration_id))


class FakeReplayRequests(Repository):
    async def add(self, integration_id: str, request: ReplayRequest) -> None:
        key = (*self._own_key(integration_id), request.number)
        self._tables.replay_requests[key] = request

    async def of(self, integration_id: str, limit: int) -> Sequence[ReplayRequest]:
        owner, rows = self._key(integration_id), self._tables.replay_requests
        own = [request for key, request in rows.items() if key[:2] == owner]
        return sorted(own, key=lambda request: -request.number)[:limit]

    async def delete_of(self, integration_id: str) -> None:
        owner, rows = self._key(integration_id), self._tables.replay_requests
        for key in [key for key in rows if key[:2] == owner]:
            del rows[key]


class FakeCards(Repository):
    async def get(self, integration_id: str) -> Card | None:
        return self._tables.cards.get(self._key(integration_id))

    async def put(self, card: Card) -> None:
        self._tables.cards[self._own_key(card.integration_id)] = card

    async def keep_drawn(self, card: Card, mark: str) -> None:
        if await self.get(card.integration_id) == card:
            await self.put(replace(card, drawn=mark))
