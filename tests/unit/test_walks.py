"""How far three walks lead through the code: numbers that must not grow.

Each is told in the playground, on SQLite, and counts what of ours it enters from the first byte to
the answer. Who makes one shorter lowers its numbers here; who makes one longer says why.
Each press asks whether there is a set-up, each change lets go what was seen of sources that are
chosen no more: up to six functions of these are for that.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Bot
from flows.outbox.jobs import JobKind
from playground.slack.person import Person
from tests.scenario.story import SOURCES, choose_plan, choose_sources, enter_token, see, token, told
from tests.support.hops import traced
from tests.support.template import sqlite_url
from tests.support.world import World, world

DAY = timedelta(days=1)
CUSTOMER = "user:"


@pytest.fixture
async def a_world(tmp_path: Path):
    async with world(sqlite_url(tmp_path), reminder_hours="always", clock_url=None) as made:
        await made.start_bot(worker=False)
        await made.install()
        yield made


@pytest.fixture
def ada(a_world: World) -> Person:
    return a_world.person("ada")


async def to_live_sync(world: World, person: Person) -> None:
    await choose_plan(person, "Business")
    await enter_token(person, token(world, "acme"))
    await see(person, SOURCES)
    await choose_sources(person, "Web app")
    await see(person, "Web app: no Toplyne destination")
    await person.close(everything=True)


async def test_a_token_that_segment_accepts(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    value = token(a_world, "acme")
    with traced() as hops:
        await enter_token(ada, value)
        await see(ada, SOURCES)
    assert hops.within(files=70, functions=285), hops.described


async def test_segment_of_somebody_who_returns(a_world: World, ada: Person) -> None:
    await to_live_sync(a_world, ada)
    with traced() as hops:
        await ada.command("/segment")
        await see(ada, "Web app: no Toplyne destination")
    assert hops.within(files=35, functions=133), hops.described


async def test_a_reminder_from_due_to_posted(
    a_world: World, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await to_live_sync(a_world, ada)
    bot: Bot = a_world.asgi.state.bot
    await _deliver(bot)
    later = bot.clock.now() + 2 * DAY
    monkeypatch.setattr(bot.recorder.clock, "now", lambda: later)
    with traced() as hops:
        (due,) = await bot.agenda.reminders(later, 10)
        await bot.work[JobKind.REMIND](due.tenant_id, due.subject)
        await _deliver(bot)
    assert await told(ada, "is not connected to a Toplyne destination")
    assert hops.within(files=53, functions=230), hops.described


async def _deliver(bot: Bot) -> None:
    """What waits for people, as a worker would."""
    for due in await bot.agenda.conversations(datetime.now(UTC) + DAY, 100):
        if due.subject.startswith(CUSTOMER):
            await bot.work[JobKind.DELIVER](due.tenant_id, due.subject)
