"""How far three walks lead through the code: numbers that must not grow.

Each walk runs in the playground on SQLite. It counts the code of ours that is entered from the
first byte to the answer. Lower a walk's numbers here when you make it shorter. Say why when you
make it longer.

Files and functions entered, before the chapters, with all that came after them, and now:

    a token that Segment accepts    69 / 270    78 / 321    71 / 290
    a returning `/segment`          48 / 168    38 / 147    33 / 120
    a reminder, from due to posted  84 / 363    55 / 255    51 / 211

SQLite's connections are ours, without threads and greenlets: one file and nine functions, in place
of libraries' that are not counted (docs/adr/0013-the-way-to-the-database.md). So is the way of a
statement to its driver: one file, five to seven functions more, and a quarter less CPU.
Segment's HTTP client
is made when first asked for, which is one in another file. A reminder's set-up is read in one round
trip, which is a file and four functions in place of two transactions.

What brings a number down is one file for one thing, one read for one question, and no function
that only passes on. What does not bring it down is taking a function's name away from it.

Three functions of the first walk make the words by which a set-up with a new name is found.
What guards a customer's credentials came later: who may do it, which asks what Slack said of the
person (2 files, 7 functions); how fast anybody may go, and that a signed request has one effect
(3 functions); how often credentials may be tried (1 file, 5 functions); and the audit trail with
those who hear of it (1 file, 4 functions).

What a CSM rejected is looked up by its kind, since several things can be rejected at once, and
each Replay is confirmed by itself: 1 file of all three walks, up to 4 functions.

A window of live sync has a name, by which it is found when data arrives: 2 files and 4 functions of
the second walk. Behind the answer it is remembered, with all others of the same moment. That
somebody waits is part of the same write, which is 2 files and 9 functions less.

How long somebody who pressed can still wait, an answer of Slack's that says nothing of a person,
names without control characters, and transactions that SQLite's own driver begins and ends are 1
to 3 files and 2 to 13 functions.

One rule says who may do what a message asks for, and Slack's word on a person is judged by it, too:
1 file and 1 function of all three walks, 6 of the third. When a reminder comes is told apart from
when a CSM is told in its place: 4 functions of the first and the third. That somebody is stuck ends
once they have got on: 1 function of both.

What was reached before, or goes on, stays in sight behind the step that is due: 4 functions of all
three. What colleagues were told of each other is compared after each change, and card and board
wait for the same person by one rule: 3 files and 9 functions of the first, 1 file of the third.

A row that cannot be read is logged, and takes nothing from others: each is read in a block of its
own, and nobody writes back a message that was not read. That is 1 file and 7 to 11 functions.

What a process keeps in memory has its bound from one place instead of seven: 1 file and 1 function.
That a token is stored is one rule instead of six: 1 function of the first and the third. What a CSM
rejected is one question about credentials too, whether something can be asked of Segment begins
with a stored token, and the workspace's slug has its own name: 2 functions of the first, 5 of the
second, 1 of the third.

All that is stored goes by the database's time, which is kept in a file of its own: 1 file of the
second walk.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Bot
from flows.outbox.jobs import JobKind
from playground.slack.person import Person
from storage.leases import Leases, WorkEnd
from tests.scenario.story import SOURCES, choose_plan, choose_sources, enter_token, see, token, told
from tests.support.hops import traced
from tests.support.template import sqlite_url
from tests.support.world import World, until_monday, world

DAY = timedelta(days=1)
FAR = datetime.now(UTC) + 30 * DAY
CUSTOMER = "user:"


@pytest.fixture
async def a_world(tmp_path: Path):
    async with world(sqlite_url(tmp_path), reminder_hours="always", clock_url=None) as made:
        await made.start_bot(worker=False)
        await made.install()
        assert made.asgi.state.bot.http  # made with the first call to Segment, so not by a walk
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
    # Of these, one notes whose change it was. One tells what reached nobody from what somebody got.
    # Another file is that of what goes with a Segment workspace. Two files, one of rules and one
    # that walks them, ask which messages say something else now. One and a file note that there was
    # room on the disk, for `/readyz`. Three and a file see, without a webhook too, whether Toplyne
    # must be told not to use what it has. Three, in two files, ask whether a report can still be
    # taken back. Two ask whether a Replay is late, and whether somebody is to be called; three, who
    # is still asked and what a token is good for. Two and a file note which press a modal answers.
    # One file is that of the words of names. Two see which messages are about the same incident,
    # and what the rights of their readers give.
    assert hops.within(files=84, functions=349), hops.described


async def test_segment_of_somebody_who_returns(a_world: World, ada: Person) -> None:
    await to_live_sync(a_world, ada)
    with traced() as hops:
        await ada.command("/segment")
        await see(ada, "Web app: no Toplyne destination")
    # One looks whether what broke at a source is mended on another screen.
    assert hops.within(files=37, functions=138), hops.described


async def test_a_reminder_from_due_to_posted(
    a_world: World, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await to_live_sync(a_world, ada)
    bot: Bot = a_world.asgi.state.bot
    await _deliver(bot)
    await bot.filling.stop()  # the window is remembered now, which takes its time
    later = bot.clock.now() + timedelta(seconds=until_monday()) + 2 * DAY  # in everybody's hours
    monkeypatch.setattr(bot.recorder.clock, "now", lambda: later)
    leases = Leases(bot.engine, bot.real, bot.handlers)  # as a worker has them from its start
    await _work(bot, JobKind.POLL, later, leases)  # as usual, so that it need not ask Segment first
    with traced() as hops:
        await _work(bot, JobKind.REMIND, later, leases)
        await _work(bot, JobKind.DELIVER, FAR, leases)
    assert await told(ada, "is not connected to a Toplyne destination")
    # One of them looks whether Slack's answer says which message it made; two files are for what
    # each change may outdate, as above; 4 see that what reached nobody does not count, and that
    # Segment has answered lately. Three say which set-up and which Slack workspace a message is
    # about. Two and a file note that there was room, for units of work and for the worker's turns.
    # Five and a file are for where somebody lives: whether their zone is known, and when a day that
    # was named begins there. One, in its own file, words the button by how far Segment or Toplyne
    # is. Four and a file see, without a webhook too, whether Toplyne must be told not to use what
    # it has. Three, in two files, ask whether a report can still be taken back. Two ask whether a
    # Replay is late, and whether somebody is to be called. Five and a file ask whether the message
    # is still for its reader, who may be a guest by then. Nine and a file draw it by what its
    # reader may do.
    assert hops.within(files=69, functions=287), hops.described


async def _deliver(bot: Bot) -> None:
    """Delivers what waits for people, as a worker would."""
    await _work(bot, JobKind.DELIVER, FAR, Leases(bot.engine, bot.real, bot.handlers))


async def _work(bot: Bot, kind: JobKind, by: datetime, leases: Leases) -> None:
    for due in await leases.turn([], {kind: (by, 100)}, f"walk {by}", 600.0):
        again_at = None
        if kind is not JobKind.DELIVER or due.subject.startswith(CUSTOMER):
            again_at = await bot.handlers[kind](due.tenant_id, due.subject)
        await leases.turn([WorkEnd(due, again_at)], {}, "", 0.0)
