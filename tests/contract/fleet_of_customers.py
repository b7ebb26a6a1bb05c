"""Many customers in the database at once: copies of the samples."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.demo.customers import SAMPLES, history_of, sample_names, sample_situation
from flows.model import Situation
from flows.projection import project
from flows.vocabulary import Stamp
from flows.words import words_of
from storage import documents, tables
from storage.connections import Engine
from storage.documents import event_fields

INTERVAL = timedelta(minutes=15)
CSMS = ("U0MIRA", "U0TOM")


@cache
def situation(number: int, now: datetime) -> Situation:
    made = sample_situation(number % SAMPLES, tenant(number), f"U{number}", CSMS, now)
    return replace(made, integration=replace(made.integration, id=f"int_{number}"))


def tenant(number: int) -> str:
    return f"T{number:04}"


async def store(engine: Engine, count: int, now: datetime) -> list[Situation]:
    """Writes this many customers, each with overview, observations, card and history."""
    async with engine.begin() as connection:
        for table, rows in rows_of(range(count), now).items():
            await connection.execute(sa.insert(table), rows)
    return [situation(number, now) for number in range(count)]


@cache
def rows_of(numbers: range, now: datetime) -> dict[sa.Table, list[dict[str, Any]]]:
    found: dict[sa.Table, list[dict[str, Any]]] = {}
    for number in numbers:
        each = situation(number, now)
        key = {"tenant_id": each.integration.tenant_id, "integration_id": each.integration.id}
        overview = {**key, **asdict(project(each, INTERVAL))}
        overview["found_by"] = f"{overview['search']}\n{_name(number)}"
        words = sorted(words_of(overview["found_by"]))
        card = {**key, "channel_id": "C1", "ts": f"{number}.000100"}
        found.setdefault(tables.installations, []).append(_installation(number, each))
        found.setdefault(tables.teams, []).append(_team(number, each))
        found.setdefault(tables.integrations, []).append(_integration(each))
        found.setdefault(tables.overview, []).append(overview)
        found.setdefault(tables.words, []).extend({**key, "word": word} for word in words)
        found.setdefault(tables.cards, []).append(card)
        found.setdefault(tables.observations, []).extend(_observations(key, each))
        found.setdefault(tables.history, []).extend(
            {
                **key,
                "kind": event.kind,
                "at": event.stamp.at,
                "by": event.stamp.by,
                "params": event_fields(event),
            }
            for event in history_of(each.integration)
        )
    return found


def _name(number: int) -> str:
    return f"{sample_names()[number % SAMPLES]} {number}"


def _installation(number: int, each: Situation) -> dict[str, Any]:
    created: Stamp = each.integration.created
    empty = dict.fromkeys(("enterprise_id", "app_id", "bot_id", "bot_user_id"), "")
    return {
        **empty,
        "tenant_id": tenant(number),
        "team_id": tenant(number),
        "is_enterprise_install": False,
        "team_name": _name(number),
        "scopes": "[]",
        "installed_by": created.by,
        "installed_at": created.at,
    }


def _team(number: int, each: Situation) -> dict[str, Any]:
    return {
        "tenant_id": tenant(number),
        "team_id": tenant(number),
        "name": _name(number),
        "granted_at": each.integration.created.at,
    }


def _integration(each: Situation) -> dict[str, Any]:
    integration = each.integration
    return {
        "tenant_id": integration.tenant_id,
        "id": integration.id,
        "team_id": integration.team_id,
        "revision": 0,
        "facts": documents.to_text(documents.INTEGRATION, integration),
        "created_at": integration.created.at,
        "updated_at": each.now,
    }


def _observations(key: dict[str, str], each: Situation) -> list[dict[str, Any]]:
    observed = each.observed
    found = [
        ("status", source_id, documents.to_text(documents.STATUS, status))
        for source_id, status in observed.statuses.items()
    ]
    if observed.looked_at:
        found.append(("looked", "", documents.to_text(documents.MOMENT, observed.looked_at)))
    if observed.token:
        found.append(("token", "", documents.to_text(documents.TOKEN, observed.token)))
    return [{**key, "kind": kind, "subject": s, "document": text} for kind, s, text in found]
