"""The outbox of messages and the inbox of events. Each is stored once, and due at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from flows.errors import NotFound, Repeated, RowUnreadable
from flows.outbox.bodies import DrawCard, Farewell, MessageBody, Redraw
from flows.outbox.jobs import JobKind
from flows.outbox.messages import (
    CSM_CONVERSATIONS,
    NO_CHANNEL,
    UNTIL_CHANNEL,
    Attempt,
    Drawing,
    Message,
    MessageState,
    Placed,
    StoredMessage,
    UnreadableBody,
    edit_due,
)
from flows.vocabulary import LEAVING, ReceivedEvent
from storage import tables
from storage.clauses import IS_INSTALLED, of_integration, of_tenant
from storage.column_types import Instant
from storage.documents import read_body, read_received, stored_fields
from storage.placed import TOLD
from storage.transaction import Repository, insert_into
from storage.unreadable import Reading

_o = tables.outbox
# Made once: building them takes longer than running them.
_own = of_tenant(_o)
_WAITING = (
    sa.select(_o)
    .where(_own, _o.c.conversation == sa.bindparam("said_in"), _o.c.state == MessageState.PENDING)
    .order_by(_o.c.kind == Redraw.kind, _o.c.sequence)
    .limit(sa.bindparam("most"))
)
_IT = sa.update(_o).where(_own, _o.c.sequence == sa.bindparam("number"))
_SEEN = _IT.where(_o.c.state == MessageState.PENDING, _o.c.attempts == sa.bindparam("tried"))
_IS_BOUND = sa.select(sa.exists(sa.select(tables.csm_channel.c.tenant_id)))
_PLACED = sa.select(_o).where(
    _own, _o.c.key == sa.bindparam("named"), _o.c.state == MessageState.SENT, _o.c.ts != ""
)
_NEWEST_PLACED = (
    sa.select(_o)
    .where(
        _own,
        _o.c.conversation == sa.bindparam("said_in"),
        _o.c.kind == sa.bindparam("of_kind"),
        _o.c.state == MessageState.SENT,
        _o.c.ts != "",
    )
    .order_by(_o.c.sequence.desc())
    .limit(1)
)
_LAST_FAREWELL = sa.select(sa.func.max(_o.c.sequence)).where(
    of_integration(_o), _o.c.kind == Farewell.kind
)
_TOLD = (
    sa.select(_o)
    .where(
        of_integration(_o),
        sa.text(TOLD),
        # What went nowhere stands at no place in Slack.
        sa.or_(_o.c.state == MessageState.PENDING, _o.c.ts != ""),
    )
    .order_by(_o.c.created_at.desc(), _o.c.sequence.desc())
    .limit(sa.bindparam("most"))
)
_HURRY = (
    sa.update(_o)
    .where(
        _own,
        _o.c.conversation == sa.bindparam("said_in"),
        _o.c.state == MessageState.PENDING,
        _o.c.due_at > sa.bindparam("now", type_=Instant),
        _o.c.error != "",
    )
    .values(due_at=sa.bindparam("now", type_=Instant))
)
_NEWEST = (
    sa.select(_o.c.state, _o.c.attempts, _o.c.due_at)
    .where(
        _own,
        _o.c.conversation == sa.bindparam("said_in"),
        _o.c.kind == sa.bindparam("of_kind"),
    )
    .order_by(_o.c.sequence.desc())
    .limit(1)
)


class SqlOutbox(Repository):
    async def add(self, message: Message) -> None:
        now = self._transaction.clock.now()
        due_at, error = await self._due_at(message, now), ""
        # What is for CSMs who have no channel yet waits until `hurry`, without a try.
        has_channel = self._transaction.has_channel
        if not has_channel and message.conversation.startswith(CSM_CONVERSATIONS):
            has_channel = (await self._transaction.execute(_IS_BOUND)).scalar_one()
            if not has_channel:
                due_at, error = max(due_at, now + UNTIL_CHANNEL), NO_CHANNEL
        values = {
            "tenant_id": self._transaction.tenant_id,
            "key": message.key,
            "conversation": message.conversation,
            "kind": message.body.kind,
            "integration_id": message.integration_id,
            "params": stored_fields(_written(message.body)),
            "state": MessageState.PENDING,
            "attempts": 0,
            "created_at": now,
            "due_at": due_at,
            "error": error,
        }
        sequence = await self._transaction.insert_new(_o, values, _o.c.sequence)
        if sequence is not None:
            self._transaction.wishes.nudge(JobKind.DELIVER, message.conversation, due_at)

    async def _due_at(self, message: Message, now: datetime) -> datetime:
        if not isinstance(message.body, DrawCard):
            return now
        about = {
            **self._tenant,
            "said_in": message.conversation,
            "of_kind": DrawCard.kind,
        }
        row = (await self._transaction.execute(_NEWEST, about)).one_or_none()
        newest = row and Drawing(MessageState(row.state), row.attempts, row.due_at)
        return edit_due(now, newest)

    async def waiting(self, conversation: str, limit: int) -> Sequence[StoredMessage]:
        own = {**self._tenant, "said_in": conversation, "most": limit}
        rows = await self._transaction.execute(_WAITING, own)
        return [stored_message(row) for row in rows]

    async def claim(
        self, seen: StoredMessage, attempt: Attempt, due_at: datetime
    ) -> StoredMessage | None:
        attempts = seen.attempts + 1
        values = {"attempts": attempts, "due_at": due_at, **_attempt_values(attempt)}
        if not await self._update_seen(seen, **values):
            return None
        return replace(seen, attempts=attempts, due_at=due_at, attempt=attempt)

    async def placed(self, key: str) -> Placed | None:
        return await self._one_placed(_PLACED, named=key)

    async def newest(self, conversation: str, kind: str) -> Placed | None:
        return await self._one_placed(_NEWEST_PLACED, said_in=conversation, of_kind=kind)

    async def _one_placed(self, asked: "sa.Select[Any]", **its: str) -> Placed | None:
        row = (await self._transaction.execute(asked, {**self._tenant, **its})).one_or_none()
        if row is None:
            return None
        message = stored_message(row).message
        return Placed(row.sequence, message, row.channel_id, row.ts, row.created_at)

    async def last_farewell(self, integration_id: str) -> int:
        newest = await self._transaction.execute(_LAST_FAREWELL, self._of(integration_id))
        return newest.scalar() or 0

    async def told(self, integration_id: str, limit: int) -> Sequence[StoredMessage]:
        own = {**self._of(integration_id), "most": limit}
        rows = await self._transaction.execute(_TOLD, own)
        return [stored_message(row) for row in rows]

    async def hurry(self, conversation: str) -> None:
        now = self._transaction.clock.now()
        waiting = {**self._tenant, "said_in": conversation, "now": now}
        if (await self._transaction.execute(_HURRY, waiting)).rowcount:
            self._transaction.wishes.nudge(JobKind.DELIVER, conversation, now)

    async def mark_sent(self, sequence: int, channel_id: str, ts: str) -> None:
        values = {
            **self._tenant,
            "number": sequence,
            "state": MessageState.SENT,
            "channel_id": channel_id,
            "ts": ts,
            "error": "",
            "due_at": self._transaction.clock.now(),
        }
        await self._transaction.execute(_IT, {**values, **_attempt_values(None)})

    async def put_off(self, seen: StoredMessage, error: str, due_at: datetime) -> None:
        values = {"error": error, "due_at": due_at, **_attempt_values(seen.attempt)}
        await self._update_seen(seen, **values)

    async def give_up(self, seen: StoredMessage, error: str) -> None:
        values = {"state": MessageState.DEAD, "error": error, **_attempt_values(seen.attempt)}
        await self._update_seen(seen, **values)

    async def _update_seen(self, seen: StoredMessage, **values: Any) -> bool:
        """Compare and set: each claim increments the attempts."""
        own = {**self._tenant, "number": seen.sequence}
        as_seen = {**own, "tried": seen.attempts}
        return (await self._transaction.execute(_SEEN, {**values, **as_seen})).rowcount == 1


def _attempt_values(attempt: Attempt | None) -> dict[str, Any]:
    if attempt is None:
        return {"attempt_at": None, "attempt_until": None, "attempt_cursor": None}
    return {
        "attempt_at": attempt.started_at,
        "attempt_until": attempt.until,
        "attempt_cursor": attempt.cursor,
    }


def stored_message(row: sa.Row[Any]) -> StoredMessage:
    """The message in a row of the outbox."""
    tried = (row.attempt_at, row.attempt_until, row.attempt_cursor)
    message = Message(
        body=_body(row),
        conversation=row.conversation,
        key=row.key,
        integration_id=row.integration_id,
    )
    return StoredMessage(
        sequence=row.sequence,
        tenant_id=row.tenant_id,
        message=message,
        state=MessageState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        created_at=row.created_at,
        error=row.error,
        attempt=Attempt(*tried) if row.attempt_at else None,
    )


def _body(row: sa.Row[Any]) -> MessageBody | UnreadableBody:
    try:
        with Reading(_o, tenant_id=row.tenant_id, sequence=row.sequence, kind=row.kind):
            return read_body(row.kind, row.params)
    except RowUnreadable:
        return UnreadableBody(row.kind)


def _written(body: MessageBody | UnreadableBody) -> MessageBody:
    if isinstance(body, UnreadableBody):
        raise TypeError("what was not read is never written again")
    return body


class SqlRequests(Repository):
    async def first(self, request: str) -> None:
        values = {"digest": request, "seen_at": self._transaction.clock.now()}
        digest = tables.seen_requests.c.digest
        if await self._transaction.insert_new(tables.seen_requests, values, digest) is None:
            raise Repeated


@cache
def first_request(dialect: str) -> Any:
    """One statement that stores a request and returns a row only if it is the first of its kind.

    If a broken connection has it run twice, the very row that it stored is still the first.
    """
    t, i = tables.seen_requests, tables.installations
    given = (sa.bindparam(column.name, type_=column.type) for column in t.c)
    living = sa.select(*given).select_from(i).where(IS_INSTALLED).with_for_update(read=True)
    statement = insert_into(dialect, t).from_select(list(t.c), living)
    return statement.on_conflict_do_update(
        index_elements=[t.c.digest],
        set_={"seen_at": statement.excluded.seen_at},
        where=t.c.seen_at == statement.excluded.seen_at,
    ).returning(t.c.digest)


_n = tables.inbox
_event = sa.and_(of_tenant(_n), _n.c.event_id == sa.bindparam("event"))
_RECEIVED = sa.select(_n.c.event_id, _n.c.kind, _n.c.params).where(_event)
_of_all = sa.or_(_n.c.team_id == "", _n.c.team_id == _n.c.tenant_id)
_leaving = (of_tenant(_n), _n.c.open, _n.c.kind.in_(LEAVING))
_TELLS_OF_LEAVING = sa.select(sa.exists().where(*_leaving, _of_all))
# An event may have been worked on so far that Slack is to be asked.
_asks_slack = (of_tenant(tables.due), tables.due.c.kind == JobKind.CONFIRM_TOKEN)
_MAY_TELL_OF_LEAVING = sa.select(
    sa.or_(sa.exists().where(*_leaving), sa.exists().where(*_asks_slack))
)
# What somebody typed is not kept here.
_CLOSE = (
    sa.update(_n)
    .where(_event)
    .values(
        open=False, error=None, params=sa.case((_n.c.kind == "message", "{}"), else_=_n.c.params)
    )
)
_FAILED = sa.update(_n).where(_event).values(open=False)


class SqlInbox(Repository):
    async def accept(self, event: ReceivedEvent) -> bool:
        tenant_id = self._transaction.tenant_id
        values = {
            "tenant_id": tenant_id,
            "event_id": event.event_id,
            "team_id": event.team_id,
            "kind": event.kind,
            "params": stored_fields(event, "event_id", "kind"),
            "received_at": self._transaction.clock.now(),
            "open": True,
        }
        if await self._transaction.insert_new(_n, values, _n.c.event_id) is None:
            return False
        self._transaction.wishes.nudge(JobKind.EVENT, event.event_id, self._transaction.clock.now())
        return True

    async def get(self, event_id: str) -> ReceivedEvent:
        row = (await self._transaction.execute(_RECEIVED, self._its(event_id))).one_or_none()
        if row is None:
            raise NotFound(event_id)
        with Reading(_n, tenant_id=self._transaction.tenant_id, event_id=event_id, kind=row.kind):
            return read_received(row.event_id, row.kind, row.params)

    async def tells_of_leaving(self, *, surely: bool = True) -> bool:
        asked = _TELLS_OF_LEAVING if surely else _MAY_TELL_OF_LEAVING
        found = await self._transaction.execute(asked, self._tenant)
        return bool(found.scalar_one())

    async def close(self, event_id: str, error: str = "") -> None:
        if error:
            await self._transaction.execute(_FAILED, {**self._its(event_id), "error": error})
        else:
            await self._transaction.execute(_CLOSE, self._its(event_id))

    def _its(self, event_id: str) -> dict[str, str]:
        return {**self._tenant, "event": event_id}
