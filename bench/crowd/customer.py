"""All rows of one sample customer, with placeholders where each copy has something of its own."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.demo.customers import history_of, sample_names
from flows.model import Situation
from flows.outbox.bodies import DrawCard
from flows.outbox.jobs import JobKind
from flows.outbox.messages import CSM_CONVERSATIONS, MessageState
from flows.projection import project
from flows.toplyne.model import DeliveryKind, DeliveryState
from flows.words import words_of
from storage import documents, tables
from storage.documents import event_fields

INTERVAL = timedelta(minutes=15)  # between polls
TENANT, PERSON, OWNER, SETUP, WORD = "T0TENANT", "U0PERSON", "U0OWNER", "int-setup", "0word"
PLACEHOLDERS = (TENANT, PERSON, SETUP, OWNER, "(sample)", WORD)


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """`holes` are the columns with placeholders, where each copy has its own id, name or owner."""

    table: sa.Table
    values: dict[str, Any]
    holes: tuple[tuple[str, tuple[str, ...]], ...]


Template = Sequence[TemplateRow]


def template(number: int, situation: Situation) -> Template:
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


def _template_row(table: sa.Table, values: dict[str, Any]) -> TemplateRow:
    holes = []
    for name, value in values.items():
        if isinstance(value, str):
            found = tuple(each for each in PLACEHOLDERS if each in value)
            holes += [(name, found)] if found else []
    return TemplateRow(table, values, tuple(holes))
