"""Whoever has the signing secret cannot break the server, or reach another tenant's rows."""

import gc
import os
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError

from bot.settings import LogLevel
from playground.sample import ACME, TOPLYNE
from playground.slack.model import Channel, Team, User
from tests.faults.size import sized
from tests.scenario.hostile import Hostile, status_of
from tests.scenario.logged import logged
from tests.scenario.looking import cards
from tests.scenario.story import choose_plan, reach_live_sync
from tests.support.template import sqlite_url
from tests.support.world import World, world

INITECH = "T0INITECH01"
BUDGET = "segment"  # whose gates are those of Segment's limits
COUNT = int(os.environ.get("HOSTILE", sized(20_000, 5_000)))
SEED = int(os.environ.get("SEED", "12"))
WARM = COUNT // 4  # by then caches are full
MORE = 2_000 * COUNT  # bytes that memory may grow after that


def memory() -> int:
    """Bytes of this process in memory. 0 where the system does not say."""
    gc.collect()
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def rows_by_tenant(world: World) -> Counter[tuple[str, str]]:
    with closing(sqlite3.connect(world.database_url.removeprefix("sqlite:///"))) as database:
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
        found: Counter[tuple[str, str]] = Counter()
        for (table,) in database.execute(named).fetchall():
            columns = {row[1] for row in database.execute(f'PRAGMA table_info("{table}")')}
            if "tenant_id" in columns:
                grouped = f'SELECT tenant_id, count(*) FROM "{table}" GROUP BY tenant_id'
                found.update({(table, str(who)): n for who, n in database.execute(grouped)})
    return found


async def tell_stories(world: World) -> None:
    """Initech, whose rows nobody may touch, has a set-up. What Slack sends for Acme is kept."""
    peter = User("U0PETER", INITECH, "peter", "Peter Ng", is_admin=True)
    office = Channel("C0INITGENRL", INITECH, "office", members=[peter.id])
    world.slack.add(Team(INITECH, "Initech", "initech"), peter, office)
    await world.install()
    assert (await world.slack.install(INITECH, peter.id)).ok
    await choose_plan(world.person("peter"), "Business")
    await world.work_off()
    await world.slack.events.settle()
    world.slack.traffic.clear()  # of Initech, too
    ada, mira = world.person("ada"), world.person("mira")
    await reach_live_sync(world, ada)
    await ada.open_home()
    await ada.command("/segment status")
    await ada.say(None, "hello")
    await mira.wait_for(lambda: any("Live sync" in card.visible_text for card in cards(mira)))
    await mira.command("/segment-csm")


@pytest.fixture
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is refused for coming too fast, and Slack refuses each call at once: all of these
    triggers are used up.
    """

    async def refused(*_arguments: object, **_named: object) -> None:
        raise SlackApiError("refused", {"ok": False, "error": "exchanged_trigger_id"})

    monkeypatch.setattr("bot.outbound.clients.SlackClient.api_call", refused)
    for limit in ("PERSON", "WORKSPACE"):
        monkeypatch.setattr(f"bot.inbound.dispatch.{limit}", (1e9, 1e9))


async def test_signed_payloads_of_any_shape_are_answered(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async with world(sqlite_url(tmp_path)) as made:
        await made.start_bot()
        await tell_stories(made)
        await made.slack.events.settle()
        await made.work_off()  # what Slack has to tell again would look like a stranger's row
        await made.stop_bot()
        await made.start_bot(worker=False)
        request.getfixturevalue("nobody_waits")
        hostile, tenants = Hostile(made, SEED), {ACME.id, TOPLYNE.id, INITECH, BUDGET}
        before, statuses, warm = rows_by_tenant(made), Counter[int](), 0
        used = time.process_time()
        with logged(LogLevel.INFO) as log:
            for number in range(COUNT):
                body, kind = hostile.body()
                status = await status_of(made, body, kind)
                assert status < 500, (number, SEED, kind, body[:3000])
                statuses[status] += 1
                log.truncate(log.seek(0))
                warm = warm or (memory() if number >= WARM else 0)
        grown, after = memory() - warm, rows_by_tenant(made)
        used = time.process_time() - used
        sys.stdout.write(
            f"{COUNT} payloads: {dict(statuses)}, {used:.1f} s of CPU, {grown} bytes\n"
        )
        assert grown < MORE
        assert {who for _, who in after} <= tenants, "no row of a tenant that is not there"
        theirs = {key: n for key, n in after.items() if key[1] == INITECH}
        assert theirs == {key: n for key, n in before.items() if key[1] == INITECH}
