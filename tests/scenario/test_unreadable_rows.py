"""A row that cannot be read, damaged or of a newer version, takes nothing away from others."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.operate import make_handoffs_cli, make_jobs_cli
from flows.projection import PROJECTION
from playground.sample import ACME, TOPLYNE
from playground.slack.person import Person
from tests.scenario.beta import BETA, BROKEN, bob_of_beta, facts, keep_facts
from tests.scenario.database import ask, execute
from tests.scenario.logged import logged
from tests.scenario.looking import cards
from tests.scenario.posting import scraped
from tests.scenario.story import let_data_arrive, minutes_pass, reach_live_sync, see, told
from tests.scenario.test_j9_digest import digests, next_morning, the_digest_is_planned
from tests.support.installed_world import installed_world
from tests.support.world import CUSTOMERS, World, soon

FAILED = "Something went wrong on our side"
A_MESSAGE = (
    "INSERT INTO outbox (tenant_id, key, conversation, kind, integration_id, params, state,"
    " attempts, created_at, due_at, error) SELECT tenant_id, 'odd', conversation, ?,"
    " integration_id, ?, ?, 0, created_at, due_at, '' FROM outbox"
    " WHERE conversation LIKE 'user:%' AND tenant_id = ? LIMIT 1"
)


@pytest.fixture
async def watching(tmp_path: Path) -> AsyncIterator[World]:
    """A bot that polls all the time."""
    async with installed_world(tmp_path, poll_interval="1s") as made:
        yield made


async def both(world: World, ada: Person) -> Person:
    """Acme and Beta at live sync. Returns Bob, of Beta."""
    bob = await bob_of_beta(world)
    for person in (ada, bob):
        await reach_live_sync(world, person)
        await person.close(everything=True)
    await world.work_off()
    return bob


async def ask_for_help(person: Person) -> None:
    await person.command("/segment")
    await see(person, "Is your data")
    await person.click("Ask for help")
    await see(person, "What is the difficulty?")
    person.fill("What is the difficulty?", "Which role do I need?")
    await person.submit()
    await person.close(everything=True)


async def a_card_says(csm: Person, text: str, channel: str = CUSTOMERS) -> None:
    await csm.wait_for(lambda: any(text in card.visible_text for card in cards(csm, channel)))


@pytest.mark.parametrize("text", [BROKEN, "{}", "platinum"])
async def test_facts(watching: World, text: str) -> None:
    """Acme reads that something went wrong, until its facts can be read again."""
    ada, mira = watching.person("ada"), watching.person("mira")
    bob = await both(watching, ada)
    for person in (ada, bob):
        await ask_for_help(person)
    await a_card_says(mira, "bob asked for help")
    await watching.work_off()
    before = facts(watching)
    damaged = before.replace('"business"', '"platinum"') if text == "platinum" else text
    with logged() as log:
        await keep_facts(watching, damaged)
        let_data_arrive(watching, "acme", "Web app")
        await minutes_pass(watching, 10)
        await told(bob, "The first events of Web app")
        await mira.command("/segment-csm")
        assert "Acme" in (await see(mira, "Beta")).text
        await mira.close(everything=True)
        await mira.open_home()
        await mira.wait_for(lambda: mira.home and "Beta" in mira.home.text)
        await ada.command("/segment")
        await ada.wait_for(lambda: any(FAILED in each.visible_text for each in said(ada)))
        await the_digest_is_planned(watching)
        next_morning(watching, weekday=2)
        (digest,) = await mira.wait_for(lambda: digests(mira))
        assert "Beta" in digest.visible_text
    assert '"row_unreadable"' in log.getvalue()
    assert damaged not in log.getvalue()
    assert facts(watching) == damaged
    await keep_facts(watching, before)
    await ada.command("/segment")
    await see(ada, "Is your data")


def said(person: Person) -> list[object]:
    return [*person.messages("#general"), *person.messages(None)]


async def test_cards_of_others_come_into_a_newly_bound_channel(
    a_world: World, ada: Person, mira: Person
) -> None:
    await both(a_world, ada)
    before = facts(a_world)
    await keep_facts(a_world, BROKEN)
    await a_world.stop_bot()
    await a_world.start_bot(csm_channel_id=None)
    app = a_world.slack.installations[TOPLYNE.id].bot_user_id
    a_world.slack.channels["C0TOPLGENRL"].members.append(app)
    await mira.command("/segment-csm here", "#general")
    await a_card_says(mira, "Beta", "#general")
    await keep_facts(a_world, before)
    await a_card_says(mira, "Acme", "#general")


async def test_after_an_upgrade_the_rows_of_others_are_rebuilt_and_planned(
    a_world: World, ada: Person
) -> None:
    await both(a_world, ada)
    await keep_facts(a_world, BROKEN)
    await a_world.stop_bot()
    await execute(a_world, "UPDATE overview SET projection = ?", PROJECTION - 1)
    await execute(a_world, "DELETE FROM due")
    await a_world.start_bot(poll_interval="1d")
    old = "SELECT tenant_id FROM overview WHERE projection < ?"
    await soon(lambda: ask(a_world, old, PROJECTION) == [(ACME.id,)])
    polled = "SELECT tenant_id FROM due WHERE kind = 'poll' ORDER BY tenant_id"
    await soon(lambda: ask(a_world, polled) == [(ACME.id,), (BETA.id,)])


@pytest.mark.parametrize(
    ("column", "value"),
    [("step", "tomorrow"), ("blocker", "x"), ("waiting_on", "x"), ("need", "x"), ("milestone", 9)],
)
async def test_where_a_customer_stands(
    a_world: World, ada: Person, mira: Person, column: str, value: str | int
) -> None:
    """The board, Home and the digest still show everybody, and the next change mends the row."""
    bob = await both(a_world, ada)
    for person in (ada, bob):
        await ask_for_help(person)
    await a_card_says(mira, "bob asked for help")
    await a_world.work_off()
    changed = f"UPDATE overview SET {column} = ? WHERE tenant_id = ?"
    await execute(a_world, changed, value, ACME.id)
    await mira.command("/segment-csm")
    board = await see(mira, "Acme", "Beta")
    is_open = "where they stand cannot be shown right now" in board.text
    assert is_open is (column in ("step", "blocker"))
    await mira.close(everything=True)
    await mira.open_home()
    await mira.wait_for(lambda: mira.home and "Beta" in mira.home.text)
    await the_digest_is_planned(a_world)
    next_morning(a_world, weekday=2)
    (digest,) = await mira.wait_for(lambda: digests(mira))
    assert "Beta: bob asked for help" in digest.visible_text
    await ada.command("/segment")
    await see(ada, "Is your data")
    await ada.click("Check again")
    await soon(lambda: not ask(a_world, f"SELECT 1 FROM overview WHERE {column} = ?", value))


@pytest.mark.parametrize(
    ("kind", "params"),
    [("of_tomorrow", "{}"), ("first_data", BROKEN), ("first_data", '{"x": 1}')],
)
async def test_messages_behind_one_go_on(
    a_world: World, ada: Person, kind: str, params: str
) -> None:
    """It waits meanwhile, and is sent once somebody can read it."""
    await reach_live_sync(a_world, ada)
    await ada.close(everything=True)
    await a_world.work_off()
    await execute(a_world, A_MESSAGE, kind, params, "pending", ACME.id)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.command("/segment")
    await see(ada, "Is your data")
    await ada.click("Check again")
    await ada.close(everything=True)
    await told(ada, "The first events of Web app")
    stored = "SELECT kind, params, state FROM outbox WHERE key = 'odd'"
    assert ask(a_world, stored) == [(kind, params, "pending")]
    mended = "UPDATE outbox SET kind = 'message_hint', params = '{}' WHERE key = 'odd'"
    await execute(a_world, mended)
    await told(ada, "I cannot answer messages here")


async def test_a_line_of_the_history_of_a_newer_version(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close(everything=True)
    await a_world.work_off()
    line = (
        "INSERT INTO history (tenant_id, integration_id, kind, at, by, params) SELECT tenant_id,"
        " integration_id, 'of_tomorrow', at, by, '{}' FROM history WHERE tenant_id = ? LIMIT 1"
    )
    await execute(a_world, line, ACME.id)
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Business" in ada.home.text)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.command("/segment")
    await see(ada, "Is your data")
    await ada.click("Check again")
    await see(ada, "arriving")
    assert ask(a_world, "SELECT count(*) FROM history WHERE kind = 'of_tomorrow'") == [(1,)]


async def test_what_segment_said_is_asked_anew(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close(everything=True)
    await a_world.work_off()
    for kind in ("status", "catalogue", "looked"):
        damaged = "UPDATE observations SET document = ? WHERE kind = ?"
        await execute(a_world, damaged, BROKEN, kind)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.command("/segment")
    await see(ada, "Is your data")
    await ada.click("Check again")
    await see(ada, "arriving")


async def operate(world: World, *arguments: str) -> str:
    """`python -m bot jobs` or `handoffs`, while the bot runs."""
    settings = world.bot_settings()
    make = {"jobs": make_jobs_cli, "handoffs": make_handoffs_cli}[arguments[0]]
    result = await asyncio.to_thread(CliRunner().invoke, make(lambda: settings), arguments[1:])
    assert result.exit_code == (1 if arguments[1] == "resend" else 0), result.output
    return result.output


async def test_an_operator_sees_kinds_of_a_newer_version(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await a_world.work_off()
    await execute(a_world, A_MESSAGE, "of_tomorrow", "{}", "dead", ACME.id)
    delivery = (
        "INSERT INTO deliveries (tenant_id, id, integration_id, kind, subject, at, data, state,"
        " attempts, created_at, due_at, error) SELECT tenant_id, 'msg_1', id, 'of_tomorrow', '1',"
        " created_at, '{}', 'dead', 1, created_at, created_at, '' FROM integrations"
        " WHERE tenant_id = ?"
    )
    await execute(a_world, delivery, ACME.id)
    ((number,),) = ask(a_world, "SELECT sequence FROM outbox WHERE key = 'odd'")
    assert "of_tomorrow" in await operate(a_world, "jobs", "list")
    assert "of_tomorrow" in await operate(a_world, "jobs", "show", str(number))
    assert "of_tomorrow" in await operate(a_world, "handoffs", "list")
    assert "of_tomorrow" in await operate(a_world, "handoffs", "show", "msg_1")
    assert "cannot read msg_1" in await operate(a_world, "handoffs", "resend", "msg_1")
    figures = await scraped(a_world)
    assert 'bot_outbox_messages{kind="of_tomorrow",state="dead"} 1.0' in figures
    assert 'bot_handoff_deliveries{kind="of_tomorrow",state="dead"} 1.0' in figures
