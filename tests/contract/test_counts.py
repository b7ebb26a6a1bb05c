"""Counts what a request costs: statements, calls to Slack, drawings. Numbers may only shrink."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.models.basic_objects import JsonObject
from sqlalchemy.sql.compiler import SQLCompiler

from bot.app import Bot
from bot.inbound.failures import REFERENCE
from flows.csm.steps import set_account
from flows.outbox.jobs import JobKind
from flows.outbox.messages import CSM_CONVERSATIONS, DIRECT_CONVERSATIONS
from flows.vocabulary import Stamp
from playground.slack.person import Person
from storage.leases import Leases, WorkEnd
from storage.raw_sqlite import SqliteRead, SqliteWriter
from storage.writing import _BySqlite
from tests.combinations.table import windows_remembered
from tests.scenario.story import enter_token, reach_live_sync, see
from tests.support.statements import heard
from tests.support.template import sqlite_url
from tests.support.world import PATIENT, World, world

FAR = datetime.now(UTC) + timedelta(days=30)


@dataclass
class Counts:
    """`reads` and `writes` go through the raw driver, the latter as transactions which make some
    `changes`; `statements` go through SQLAlchemy, which made `texts` of them anew; `threads` were
    asked for something, and waited for.
    """

    reads: int = 0
    writes: int = 0
    changes: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    drawn: int = 0  # parts of views and messages that were turned into dictionaries
    calls: list[str] = field(default_factory=list)
    threads: int = 0
    texts: int = 0

    @property
    def written(self) -> list[str]:
        return [each for each in self.statements if not each.startswith(("SELECT", "BEGIN"))]


@pytest.fixture
async def a_world(tmp_path: Path) -> AsyncIterator[World]:
    """Ada was at live sync a moment ago, so all caches are filled."""
    async with world(sqlite_url(tmp_path), reminder_hours="always", clock_url=None) as made:
        made.check_policy = replace(PATIENT, redraw=60.0)  # so what comes behind comes when wanted
        await made.start_bot(worker=False)
        await made.install()
        ada = made.person("ada")
        await reach_live_sync(made, ada)
        await ada.close(everything=True)
        await ada.command("/segment")
        await see(ada, "Is your data arriving?")
        await ada.close()
        await ada.command("/segment status")
        yield made


@contextmanager
def counted(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counts]:
    counts, bot = Counts(), world.asgi.state.bot
    rows, to_dict, in_thread = SqliteRead.rows, JsonObject.to_dict, asyncio.to_thread
    make_text, begun, changed = SQLCompiler.__init__, SqliteWriter.transaction, _BySqlite.write

    async def read(reader: SqliteRead, parameters: Any) -> Any:
        counts.reads += 1
        return await rows(reader, parameters)

    def begin(writer: SqliteWriter, patience: float) -> Any:
        counts.writes += 1
        return begun(writer, patience)

    async def change(writer: _BySqlite, changes: Any) -> None:
        counts.changes += [kind for kind, _ in changes]
        await changed(writer, changes)

    def draw(part: JsonObject, *arguments: Any) -> Any:
        counts.drawn += 1
        return to_dict(part, *arguments)

    async def wait(*work: Any, **options: Any) -> Any:
        counts.threads += 1
        return await in_thread(*work, **options)

    def make(*arguments: Any, **options: Any) -> None:
        counts.texts += 1
        make_text(*arguments, **options)

    world.slack.traffic.clear()
    with monkeypatch.context() as patch:
        patch.setattr(SqliteRead, "rows", read)
        patch.setattr(SqliteWriter, "transaction", begin)
        patch.setattr(_BySqlite, "write", change)
        patch.setattr(JsonObject, "to_dict", draw)
        patch.setattr(asyncio, "to_thread", wait)
        patch.setattr(SQLCompiler, "__init__", make)
        with heard(bot.engine, lambda text, _: counts.statements.append(text)):
            yield counts
    counts.calls = [each.name for each in world.slack.traffic if each.direction == "from_app"]


async def test_segment_of_somebody_who_returns(
    a_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = a_world.person("ada")
    with counted(a_world, monkeypatch) as counts:
        await ada.command("/segment")
        await see(ada, "Is your data arriving?")
        await _at_rest(a_world)
    assert counts == Counts(reads=1, calls=["views.open"])


async def test_what_people_have_open_is_one_write_behind_their_answers(
    a_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All windows of a moment are written together. What was learned since is read after that."""
    ada = a_world.person("ada")
    await windows_remembered(a_world)
    with counted(a_world, monkeypatch) as counts:
        for _ in range(3):
            await ada.command("/segment")
            await see(ada, "Is your data arriving?")
            await ada.close()
        await windows_remembered(a_world)
    opened = Counts(reads=4, writes=1, changes=["windows"], calls=["views.open"] * 3)
    assert counts == opened


async def test_the_status(a_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = a_world.person("ada")
    with counted(a_world, monkeypatch) as counts:
        await ada.command("/segment status")
    assert counts == Counts(reads=1)


async def test_a_button_that_shows_another_screen(
    a_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = a_world.person("ada")
    await _open_and_go_back(ada)
    with counted(a_world, monkeypatch) as counts:
        await _open_and_go_back(ada)
    assert counts == Counts(reads=2, calls=["views.open", "views.update"])


async def test_an_event(a_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored before it is acknowledged, by the raw driver and in the event loop's own thread."""
    ada, bot = a_world.person("ada"), a_world.asgi.state.bot
    await ada.say(None, "the first one has statements made")
    with counted(a_world, monkeypatch) as counts:
        await ada.say(None, "hello")
        await ada.settle()
    assert counts == Counts(writes=1)
    leases = Leases(bot.engine, bot.real, bot.handlers)
    assert await leases.turn([], {JobKind.EVENT: (FAR, 100)}, "counted", 1.0)


async def test_a_command_that_nobody_listens_to(
    a_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody can send many of them. Each answer has a reference of its own."""
    bot: Bot = a_world.asgi.state.bot
    body = {"command": "/other", "team_id": "T0ACME00001", "user_id": "U1", "text": ""}
    first = await bot.dispatch.answer("command", body)
    with counted(a_world, monkeypatch) as counts:
        second = await bot.dispatch.answer("command", body)
    assert counts == Counts()
    assert first.headers["content-type"][0].startswith("application/json")
    assert "blocks" in first.body
    assert REFERENCE not in first.body
    assert first.body != second.body


async def test_home_is_drawn_before_its_event_is_acknowledged(
    a_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker runs, and nothing is stored for one. Who opens it again causes no write."""
    ada, bot = a_world.person("ada"), a_world.asgi.state.bot
    with counted(a_world, monkeypatch) as first:
        await ada.open_home()
        await ada.settle()
    assert (first.writes, first.changes, first.written) == (1, ["home"], [])
    with counted(a_world, monkeypatch) as counts:
        await ada.open_home()
        await ada.settle()
    assert counts == Counts(reads=2, calls=["views.publish"])
    bot.people._remembered.clear()  # as after a minute: it is asked again who they are
    with counted(a_world, monkeypatch) as later:
        await ada.open_home()
        await ada.settle()
    assert later == Counts(reads=2, writes=1, calls=["users.info", "views.publish"])
    leases = Leases(bot.engine, bot.real, bot.handlers)
    assert not await leases.turn([], {JobKind.EVENT: (FAR, 100)}, "counted", 1.0)


async def test_a_submission_with_field_errors(
    a_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is remembered by the raw driver, and counted as a failed try with all that follows: one
    transaction. Nothing of that changes threads, and no statement is made anew.
    """
    ada = a_world.person("ada")
    await ada.command("/segment")
    await see(ada, "Is your data arriving?")
    for screen in ("Which sources feed Toplyne?", "access token"):
        await ada.click("Back")
        await see(ada, screen)
    for _ in range(4):
        await enter_token(ada, "what is this")
    await _at_rest(a_world)
    with counted(a_world, monkeypatch) as counts:
        await enter_token(ada, "what is this")
        await _at_rest(a_world)
    assert counts.calls == []
    assert counts.reads == 1
    assert len(counts.statements) <= 12  # with one that begins
    assert (counts.threads, counts.texts) == (0, 0)


async def test_who_waits_is_written_down_once_a_minute_and_behind_the_answer(
    a_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the window, and nothing through SQLAlchemy."""
    ada, bot = a_world.person("ada"), a_world.asgi.state.bot
    await windows_remembered(a_world)
    now = bot.clock.now()
    monkeypatch.setattr(bot.recorder.clock, "now", lambda: now.replace(year=now.year + 1))
    for changes in (["windows", "waits"], ["windows"]):
        with counted(a_world, monkeypatch) as counts:
            await ada.command("/segment")
            await see(ada, "Is your data arriving?")
            await windows_remembered(a_world)
        await ada.close()
        assert (counts.writes, counts.changes, counts.statements) == (1, changes, [])


async def test_a_reminder_from_due_to_posted(
    a_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is drawn from is read by the raw driver, before and after Slack has told who it is
    for. Its writers: two gates by the raw driver; two claims, the change, the attempt, what was
    sent, and three ends. One statement asks which earlier messages say something else now.
    """
    bot: Bot = a_world.asgi.state.bot
    leases = Leases(bot.engine, bot.real, bot.handlers)
    await windows_remembered(a_world)
    await _work(bot, leases, JobKind.DELIVER, FAR)
    later = bot.clock.now() + timedelta(days=2)
    monkeypatch.setattr(bot.recorder.clock, "now", lambda: later)
    await _work(bot, leases, JobKind.POLL, later)  # as usual, so that it need not ask Segment first
    with counted(a_world, monkeypatch) as counts:
        await _work(bot, leases, JobKind.REMIND, later)
        await _work(bot, leases, JobKind.DELIVER, FAR)
    begun = Counter(each for each in counts.statements if each.startswith("BEGIN"))
    assert (counts.reads, counts.calls) == (2, ["users.info", "chat.postMessage"])
    assert (begun, counts.writes) == ({"BEGIN IMMEDIATE": 8}, 2)
    assert len(counts.statements) - begun.total() <= 21


async def test_the_edit_of_a_card(a_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line in its thread. Each is read at once, then whether the channel is ours, and what
    else of the thread waits. Its writers: two gates by the raw driver; a claim, two attempts, the
    line and the card that were sent, how the card was drawn, and an end.
    """
    bot: Bot = a_world.asgi.state.bot
    leases = Leases(bot.engine, bot.real, bot.handlers)
    found = await bot.uow.glance("T0ACME00001", "T0ACME00001")
    assert found
    for account in ("first", "second", "third"):
        await _work(bot, leases, JobKind.DELIVER, FAR, CSM_CONVERSATIONS)
        stamp = Stamp("UMIRA", bot.clock.now())
        await bot.recorder.change(
            found[0].tenant_id,
            found[0].id,
            lambda now, account=account, stamp=stamp: set_account(now.integration, account, stamp),
        )
    with counted(a_world, monkeypatch) as counts:
        await _work(bot, leases, JobKind.DELIVER, FAR, CSM_CONVERSATIONS)
    begun = Counter(each for each in counts.statements if each.startswith("BEGIN"))
    assert (counts.calls, counts.writes) == (["chat.postMessage", "chat.update"], 2)
    assert begun == {"BEGIN": 4, "BEGIN IMMEDIATE": 7}


async def _work(
    bot: Bot, leases: Leases, kind: JobKind, by: datetime, to: str = DIRECT_CONVERSATIONS
) -> None:
    """As a worker would, but only what goes there."""
    for due in await leases.turn([], {kind: (by, 100)}, f"counted {by}", 600.0):
        again_at = None
        if kind is not JobKind.DELIVER or due.subject.startswith(to):
            again_at = await bot.handlers[kind](due.tenant_id, due.subject)
        await leases.turn([WorkEnd(due, again_at)], {}, "", 0.0)


async def _open_and_go_back(ada: Person) -> None:
    await ada.command("/segment")
    await see(ada, "Is your data arriving?")
    await ada.click("Back")
    await see(ada, "Which sources feed Toplyne?")
    await ada.close(everything=True)


async def _at_rest(world: World) -> None:
    bot: Bot = world.asgi.state.bot
    await bot.listeners.ended(20.0)
