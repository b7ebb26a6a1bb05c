"""A worker that loses its lock while it lives: it stops, others take over, nothing is twice."""

import asyncio
import json

import pytest
from dbos import DBOSClient

from bot.cli.database import migrate
from bot.worker.kinds import make_client
from bot.worker.loop import Executor
from bot.worker.upkeep import Reaper
from flows.outbox.jobs import Job, JobKind
from storage.cipher import Cipher, generate_key
from storage.dbos_jobs import DbosJobWriter
from storage.engine import make_engine
from storage.life_locks import LifeLocks
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract.samples import A
from tests.faults.test_processes import hear, said_more_than_once
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    see,
    token,
)
from tests.support.fake_tables import FakeClock
from tests.support.fleet import ENDED_WELL, Fleet, Member
from tests.support.lost_locks import cut_sessions, take_locks_away
from tests.support.world import World, soon


class ImpatientLocks(LifeLocks):
    patience = 0.0


async def statuses(client: DBOSClient) -> list[str]:
    return [job.status for job in await client.list_workflows_async()]


async def test_it_drops_its_jobs_and_others_can_take_them(database_url: str) -> None:
    await migrate(database_url)
    engine, client = make_engine(database_url), make_client(database_url)
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def work(tenant_id: str, subject: str) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    executor = Executor(database_url, LifeLocks(engine), dict.fromkeys(JobKind, work))
    await executor.start()
    uow = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), DbosJobWriter(client), FakeClock())
    async with uow(A) as unit:
        await unit.enqueue(Job(JobKind.EVENT, A, "Ev1", key="event:1"))
        await unit.commit()
    async with asyncio.timeout(30):
        await begun.wait()
    assert await executor.holds()

    await take_locks_away(engine)
    assert not await executor.holds()
    await executor.stop()
    assert cancelled.is_set()
    assert await statuses(client) == ["PENDING"]
    await Reaper(client, ImpatientLocks(engine)).reap()
    assert await statuses(client) == ["ENQUEUED"]
    client.destroy()
    await engine.dispose()


def events(member: Member, name: str) -> list[str]:
    """The executors of which the log says this."""
    lines = [json.loads(line) for line in member.log.read_text().splitlines() if line[:1] == "{"]
    return [str(line["executor_id"]) for line in lines if line.get("event") == name]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_all_sessions_are_cut_in_the_middle_of_a_story(outside: World, bots: Fleet) -> None:
    members = await bots.start("serve", "worker")
    await outside.install()
    ada, mira = outside.person("ada"), outside.person("mira")
    await choose_plan(ada, "Business")
    await enter_token(ada, token(outside, "acme"))
    await choose_sources(ada, "Web app")
    engine = make_engine(outside.database_url)
    let_data_arrive(outside, "acme", "Web app")
    await minutes_pass(outside, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    await cut_sessions(engine)
    await engine.dispose()
    for member in members:
        await soon(lambda member=member: events(member, "executor_started"), 180)
        (lost,), (started,) = events(member, "life_lock_lost"), events(member, "executor_started")
        assert lost != started

    await hear(ada, "The first events of Web app have reached Toplyne")
    await hear(mira, "Live sync started with Web app", "#customers")
    await ada.submit()
    await ada.submit()
    await ada.submit()
    await hear(ada, "Workspace slug: acme")
    assert said_more_than_once(ada) == []
    assert set(await bots.stop()) <= ENDED_WELL
