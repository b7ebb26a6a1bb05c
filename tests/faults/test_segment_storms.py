"""Segment is away for ten minutes while many are watched. Nobody is blamed, no herd follows."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from bot.worker.segment_budget import BURST, POLLS, POLLS_SHARE
from flows.checks.run import CheckPolicy
from flows.clients.gate import Limit
from flows.clients.segment import SegmentClient
from flows.clients.transport import new_http_client
from flows.model import Credentials, Observed, Situation, TokenKind, Verification
from flows.ports import Unguarded
from flows.projection import project
from flows.vocabulary import Region, Source, Stamp, TokenState, Workspace
from playground.segment.weather import Limiting, Weather
from playground.slack.model import Team, User
from storage import tables
from storage.column_types import Instant
from tests.contract import samples
from tests.faults.figures import Show, in_words
from tests.faults.posted import Post, post_in
from tests.support.template import sqlite_url
from tests.support.world import World, soon, world
from tests.unit.views.message_cases import delivering, integration

WATCHED = 24
INTERVAL = timedelta(minutes=5)
PER_MINUTE = 1_800  # so that polls do not wait for each other while the clock hurries
STEP, STEPS = 120.0, 5  # seconds of the advanced clock
CALLS_A_LOOK = 3
TRIES = 3  # of each call
LONGEST_PAUSE = 41 * 60.0  # eight times the interval
PATIENCE = 180.0  # seconds; a bound for a busy machine
GIVEN_UP = 4.0  # seconds, so that a look which gets no answer soon ends


@pytest.fixture(params=[Weather.LIMITING, Weather.HTML, Weather.DOWN, Weather.TIMEOUT])
def weather(request: pytest.FixtureRequest) -> Weather:
    return Weather(request.param)


@pytest.fixture
async def a_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weather: Weather
) -> AsyncIterator[World]:
    """Where Segment limits us, no look can run out of time: that would be a failure, however busy
    the machine is.
    """
    monkeypatch.setattr("bot.worker.loop.UNCHANGED", 3.0)
    monkeypatch.setattr("bot.worker.places.REST", 1.0)
    if weather is Weather.LIMITING:
        monkeypatch.setattr("flows.clients.transport._CONNECT_TIMEOUT", PATIENCE)
        for name, patient in (
            ("new_http_client", partial(new_http_client, PATIENCE)),
            ("SegmentClient", partial(SegmentClient, deadline=PATIENCE)),
        ):
            monkeypatch.setattr(f"bot.opened.{name}", patient)
    settings = {
        "csm_channel_id": None,
        "poll_interval": "5m",
        "segment_calls_per_minute": PER_MINUTE,
    }
    async with world(sqlite_url(tmp_path), **settings) as made:
        longest = PATIENCE if weather is Weather.LIMITING else GIVEN_UP
        made.check_policy = CheckPolicy(longest=longest)
        made.segment.limiting = Limiting(seconds=1.0, with_header=False)
        await made.start_bot()
        yield made
        made.slack.breach_free()


@pytest.fixture
async def post(a_world: World) -> AsyncIterator[Post]:
    async with post_in(a_world) as made:
        yield made


async def watch(world: World, post: Post) -> list[str]:
    """Set-ups of this many customers whose data arrives. Each was last polled at another time."""
    source = world.segment.source("acme/web-app")
    world.segment.connect_destination(source.id, enabled=True)
    acme, token = world.segment.workspace("acme"), world.segment.token("acme", "owner").value
    now = datetime.now(UTC)
    tenants = [f"T0WATCH{number:04}" for number in range(WATCHED)]
    for number, tenant_id in enumerate(tenants):
        stamp = Stamp(f"U{tenant_id[1:]}", now - timedelta(days=30))
        credentials = Credentials(
            TokenKind.PUBLIC_API,
            Verification.VERIFIED,
            Workspace(acme.slug, acme.id, acme.name),
            Region.US,
            stamp,
        )
        made = replace(
            integration(), id=f"int_{tenant_id}", tenant_id=tenant_id, team_id=tenant_id,
            created=stamp, plan_chosen=stamp, credentials=credentials, sources_chosen=stamp,
            sources=(Source(source.id, source.slug, source.name),), live_started=stamp,
            asked=(), last_active=stamp,
        )  # fmt: skip
        looked_at = now - INTERVAL * number / WATCHED
        (status,) = delivering(made).values()
        status = replace(status, first_delivered_at=stamp.at, delivered_at=now, observed_at=now)
        world.slack.add(Team(tenant_id, tenant_id, tenant_id.lower()))
        world.slack.add(User(f"U{tenant_id[1:]}", tenant_id, tenant_id.lower(), tenant_id))
        seeded = world.slack.seed_installation(tenant_id, f"U{tenant_id[1:]}")
        installed = replace(
            samples.installation(tenant_id),
            enterprise_id="",
            is_enterprise_install=False,
            app_id=world.slack.core.config.app_id,
            bot_id=seeded.bot_id,
            bot_user_id=seeded.bot_user_id,
            scopes=tuple(seeded.scopes),
        )
        async with post.uow(tenant_id, unguarded=Unguarded.INSTALLING) as work:
            await work.installations.put(installed, SecretStr(seeded.token))
            await work.integrations.add(made)
            await work.vault.put(made.id, SecretStr(token))
            await work.observations.put_status(made.id, status)
            await work.observations.put_looked(made.id, looked_at, 0)
            observed = await work.observations.of(made.id)
            await work.overviews.put(project(Situation(made, observed, now), INTERVAL))
            await work.commit()
    return tenants


async def seen(post: Post, tenants: list[str]) -> list[Observed]:
    found = []
    for tenant_id in tenants:
        async with post.uow(tenant_id, write=False) as work:
            found.append(await work.observations.of(f"int_{tenant_id}"))
    return found


async def count(post: Post, table: sa.Table) -> int:
    async with post.engine.connect() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def has_room(post: Post) -> bool:
    """Whether the budget lets polls ask about everybody at once."""
    t = tables.rate_gates
    ours = t.c.subject.in_((str(Limit.PUBLIC), f"{POLLS}{Limit.PUBLIC}"))
    async with post.engine.connect() as connection:
        free_at = await connection.scalar(
            sa.select(sa.func.max(t.c.free_at, type_=Instant)).where(ours)
        )
    needed = WATCHED * CALLS_A_LOOK * (60 + BURST) / (POLLS_SHARE * PER_MINUTE)
    return free_at is None or free_at <= datetime.now(UTC) + timedelta(seconds=BURST - needed)


async def until_seen(world: World, post: Post, tenants: list[str], since: datetime) -> None:
    """Lets time pass until a whole look at everybody has succeeded since then. One that got through
    in part leaves its `round_since` behind.
    """
    waiting = set(tenants)
    async with asyncio.timeout(PATIENCE):
        while waiting:
            await soon(lambda: has_room(post))  # which grows in real time, unlike what is due
            await world.time_passes(LONGEST_PAUSE)
            await world.work_off()
            for tenant_id, each in zip(tenants, await seen(post, tenants), strict=True):
                looked = each.looked_at and each.looked_at > since
                if looked and not each.failures and not each.round_since:
                    waiting.discard(tenant_id)


async def test_ten_minutes_without_segment(
    a_world: World, post: Post, weather: Weather, show: Show
) -> None:
    a_world.segment.weather = weather
    tenants = await watch(a_world, post)
    for _ in range(STEPS):
        asked = len(a_world.to_segment)
        await a_world.time_passes(STEP)
        if weather is Weather.LIMITING:  # who finds no room stays due
            await soon(lambda: len(a_world.to_segment) > asked)  # noqa: B023 - waited for here
        else:
            await a_world.work_off()
    meanwhile = len(a_world.to_segment)
    failed = sum(each.failures > 0 for each in await seen(post, tenants))
    a_world.segment.weather = Weather.FINE
    back, began = a_world.segment.now(), time.monotonic()
    await until_seen(a_world, post, tenants, back)
    seconds = time.monotonic() - began
    calls = len(a_world.to_segment) - meanwhile
    show(
        f"ten minutes without Segment, {weather.value}",
        in_words(
            watched=WATCHED,
            failed=failed,
            blamed=await count(post, tables.incidents),
            calls_meanwhile=meanwhile,
            calls_afterwards=calls,
            seconds=round(seconds, 1),
        ),
    )
    assert failed == 0 if weather is Weather.LIMITING else failed > 0
    observed = await seen(post, tenants)
    assert {each.token.state for each in observed if each.token} <= {TokenState.ACCEPTED}
    assert await count(post, tables.incidents) == 0
    assert meanwhile <= WATCHED * 2 * TRIES, "failures make looks rarer"
    allowed = POLLS_SHARE * PER_MINUTE / (60 + BURST) * (seconds + BURST)
    assert CALLS_A_LOOK * WATCHED <= calls <= allowed + CALLS_A_LOOK
