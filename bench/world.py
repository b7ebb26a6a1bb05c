"""Customers in the database of each contender: at live sync, whose events do not arrive yet."""

import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from pydantic import SecretStr

from bench.processes import ROOT
from bench.rows import SECRET, TEAMS, team_id
from bot.app import Bot
from bot.settings import Settings
from bot.views.setup.screen import step_view
from flows.installed import Installation
from flows.model import (
    Catalogue,
    CatalogueEntry,
    Credentials,
    DestinationState,
    Integration,
    Observed,
    Screen,
    Situation,
    SourceStatus,
    TokenKind,
    Verification,
)
from flows.ports import Unguarded
from flows.projection import project
from flows.setup.results import ShowStep
from flows.vocabulary import Plan, Region, Source, Stamp, TokenHealth, TokenState, Workspace
from storage.cipher import generate_key

SOURCES = tuple(
    Source(f"src{slug}", slug, name)
    for slug, name in (("web", "Web app"), ("ios", "iPhone app"), ("backend", "Backend"))
)
OTHERS = tuple(
    Source(f"srcother{number}", f"other-{number}", f"Other {number}") for number in range(5)
)


def settings_of_ours(database_url: str, slack_url: str, **changed: Any) -> dict[str, str]:
    """The environment of our own processes."""
    return {
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_CLIENT_ID": "1.1",
        "SLACK_CLIENT_SECRET": "client",
        "SLACK_API_URL": slack_url,
        "PUBLIC_URL": "https://bot.example.com",
        "DATABASE_URL": database_url,
        "ENCRYPTION_KEYS": generate_key().get_secret_value(),
        "LOG_FORMAT": "json",
        "POLL_INTERVAL": "30d",
        "REMINDER_HOURS": "always",
        "PYTHONPATH": str(ROOT),
        **changed,
    }


@asynccontextmanager
async def our_bot(environment: Mapping[str, str]) -> AsyncIterator[Bot]:
    """The product in this process, whose storage fills its database."""
    settings = Settings(_env_file=None, **{name.lower(): v for name, v in environment.items()})
    async with AsyncExitStack() as stack:
        bot = Bot(settings, stack)
        await bot.open()
        yield bot


async def fill_ours(environment: Mapping[str, str]) -> None:
    """By the product's own storage."""
    async with our_bot(environment) as bot:
        for number in range(TEAMS):
            await _fill_team(bot, team_id(number))


async def _fill_team(bot: Bot, team: str) -> None:
    situation = situation_of(team)
    integration, observed = situation.integration, situation.observed
    async with bot.uow(team, unguarded=Unguarded.INSTALLING) as work:
        await work.installations.put(installation_of(team), SecretStr(f"xoxb-{team}"))
        await work.integrations.add(integration)
        await work.observations.put_catalogue(integration.id, observed.catalogue)
        for status in observed.statuses.values():
            await work.observations.put_status(integration.id, status)
        await work.observations.put_looked(integration.id, observed.looked_at, 0)
        await work.observations.put_token(integration.id, observed.token)
        await work.overviews.put(project(situation, bot.settings.poll_interval))
        await work.commit()


def installation_of(team: str) -> Installation:
    return Installation(
        team, team, "", False, "Acme", "A1", "B1", "U0BOT", ("commands", "chat:write"),
        Stamp("U1", datetime.now(UTC)),
    )  # fmt: skip


def situation_of(team: str) -> Situation:
    now = datetime.now(UTC)
    begun = Stamp("U1", now)
    workspace = Workspace("acme", "wsacme", "Acme Inc")
    integration = Integration(
        id=f"int_{team}",
        tenant_id=team,
        team_id=team,
        created=begun,
        plan=Plan.BUSINESS,
        plan_chosen=begun,
        credentials=Credentials(
            TokenKind.PUBLIC_API, Verification.VERIFIED, workspace, Region.US, begun
        ),
        sources=SOURCES,
        sources_chosen=begun,
        last_active=begun,
    )
    states = (DestinationState.ENABLED, DestinationState.DISABLED, DestinationState.MISSING)
    statuses = {
        source.id: SourceStatus(source.id, True, state, f"dst{source.id}", 0, None, now, since=now)
        for source, state in zip(SOURCES, states, strict=True)
    }
    entries = tuple(CatalogueEntry(source, True, 1000) for source in (*SOURCES, *OTHERS))
    observed = Observed(
        catalogue=Catalogue(entries, now),
        statuses=statuses,
        looked_at=now,
        token=TokenHealth(TokenState.ACCEPTED, now),
    )
    return Situation(integration, observed, now)


def screen(which: Screen) -> dict[str, Any]:
    """A modal as the product draws it, which comes back with each press in it."""
    shown = ShowStep(which, situation_of(team_id(0)))
    drawn: dict[str, Any] = json.loads(json.dumps(step_view(shown).to_dict()))
    return drawn


SETUPS = (
    "CREATE TABLE setups (team_id TEXT PRIMARY KEY, bot_token TEXT, workspace TEXT,"
    " sources TEXT, failed_tries INTEGER)"
)
EVENTS = "CREATE TABLE events (id TEXT PRIMARY KEY)"


def fill_their_sqlite(database: Path, *, shared: bool) -> None:
    """One row a customer; not `shared`: SQLite for Node.js does without a log beside the file."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(f"PRAGMA journal_mode = {'WAL' if shared else 'DELETE'}")
        connection.execute(SETUPS)
        connection.execute(EVENTS)
        connection.executemany("INSERT INTO setups VALUES (?, ?, 'Acme Inc', ?, 0)", _customers())


def fill_their_postgres(address: str) -> None:
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(SETUPS)
        cursor.execute(EVENTS)
        cursor.executemany("INSERT INTO setups VALUES (%s, %s, 'Acme Inc', %s, 0)", _customers())


def _customers() -> list[tuple[str, str, str]]:
    """The workspace, its token and its sources as text."""
    sources = json.dumps(
        [
            ["Web app", "no event has arrived yet"],
            ["iPhone app", "the Toplyne destination is switched off"],
            ["Backend", "no Toplyne destination is connected"],
        ]
    )
    teams = map(team_id, range(TEAMS))
    return [(team, f"xoxb-{team}", sources) for team in teams]
