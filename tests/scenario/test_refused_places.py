"""A place or a person that Slack refuses: what waits for it, who hears of it, who gets it instead.

The table: every refusal of a place × card, thread line and digest; every refusal of a person ×
reminder and other direct message. What follows depends on the class of the error, and all are
classified here: so `make test` tells the stories for one of each class, `make faults` for all.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from bot.outbound.errors import ErrorClass, class_of
from bot.strings.events import UNDELIVERED
from flows.outbox.bodies import Personal, Reminder, UnaskedNews
from flows.outbox.messages import Message
from flows.outbox.toplyne_bodies import MorningDigest
from flows.reminders.readers import only_informs
from playground.sample import ACME, TOPLYNE
from playground.slack.person import Person
from playground.slack.refusals import OF_PLACES, OF_READERS
from tests.combinations.standings import INTEGRATION
from tests.faults.size import LONG
from tests.scenario.database import all_sent, ask
from tests.scenario.looking import card_says, cards, is_digest, thread
from tests.scenario.passing import Days, reminders, settled
from tests.scenario.story import choose_plan, enter_token, token, told
from tests.support.template import sqlite_url
from tests.support.world import CUSTOMERS, World, soon, world
from tests.unit.outbound.test_deliver import slack_says
from tests.unit.views.message_cases import MESSAGES

CHANNEL = "#customers"
TOLD = "status cards"
WAITING = "SELECT DISTINCT kind FROM outbox WHERE state = 'pending' AND error <> ''"
DEAD = "SELECT kind, error FROM outbox WHERE state = 'dead'"
# Some places take one kind of post, so that only the other one waits.
TAKES = {
    "restricted_action_thread_only_channel": {"thread"},
    "restricted_action_non_threadable_channel": {"card", "digest"},
    "restricted_action_thread_locked": {"card", "digest"},
}
PLACES = sorted(OF_PLACES)
# One of each: what follows depends on the class of the error, and on what the place still takes.
OF_EACH_KIND = sorted(
    {(class_of(slack_says(each)), *sorted(TAKES.get(each, ()))): each for each in PLACES}.values()
)
READERS = sorted(OF_READERS)
TOLD_OF_PLACES = PLACES if LONG else OF_EACH_KIND
TOLD_OF_READERS = (
    READERS if LONG else sorted({class_of(slack_says(each)): each for each in READERS}.values())
)
GENERAL = "C0TOPLGENRL"


@pytest.fixture
async def bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Mira has bound the channel."""
    monkeypatch.setattr("bot.outbound.deliver.CHANNEL_CLOSED", 0.3)
    monkeypatch.setattr("bot.outbound.deliver.MOST_STRETCHED", 1)
    async with world(sqlite_url(tmp_path), csm_channel_id=None) as made:
        await made.start_bot()
        await made.install()
        yield made
        made.slack.breach_free()


def channel(world: World) -> Any:
    return world.slack.channels[CUSTOMERS]


def lost(mira: Person) -> list[str]:
    return [m.visible_text for m in mira.messages(None) if TOLD in m.visible_text]


def refusals(world: World, error: str) -> int:
    return sum(error.encode() in exchange.answer for exchange in world.slack.traffic)


async def queue_digest(world: World) -> None:
    day = datetime.fromtimestamp(
        world.playground.clock.now(), ZoneInfo("America/Los_Angeles")
    ).date()
    async with world.asgi.state.bot.recorder.uow(TOPLYNE.id) as work:
        await work.outbox.add(Message(MorningDigest(day), "csm:digest", f"digest:{day}"))
        await work.commit()


async def test_a_channel_in_the_settings_that_is_closed_is_told_whichever_is_bound(
    bound: World,
) -> None:
    ada, mira = bound.person("ada"), bound.person("mira")
    await mira.command("/segment-csm here", CHANNEL)
    await card_says(mira, "plan not chosen")
    await bound.stop_bot()
    await bound.start_bot(csm_channel_id=GENERAL)  # where the app is not
    await choose_plan(ada, "Business")
    await soon(lambda: lost(mira))
    await bound.stop_bot()
    await bound.start_bot(csm_channel_id=None)
    await card_says(mira, "no access token yet")


@pytest.mark.parametrize("error", TOLD_OF_PLACES)
async def test_a_closed_place_gets_card_lines_and_digest_in_order_once_it_is_open(
    bound: World, error: str
) -> None:
    ada, mira = bound.person("ada"), bound.person("mira")
    await mira.command("/segment-csm here", CHANNEL)
    await card_says(mira, "plan not chosen")
    await all_sent(bound)
    channel(bound).refusal = error
    await choose_plan(ada, "Business")
    for _ in range(3):
        await enter_token(ada, token(bound, "acme", "revoked"))
    await enter_token(ada, token(bound, "acme"))
    await queue_digest(bound)
    takes = TAKES.get(error, set())
    if "digest" not in takes:
        await soon(lambda: ("digest",) in ask(bound, WAITING))
    if "thread" not in takes:
        await soon(lambda: {("thread",), ("card",)} & set(ask(bound, WAITING)))
    seen = refusals(bound, error)
    await soon(lambda: refusals(bound, error) >= seen + 3)  # it is tried again meanwhile
    assert ask(bound, DEAD) == []
    assert len(lost(mira)) == 1, "whoever bound the channel is told, once"
    channel(bound).refusal = ""
    await all_sent(bound)
    assert [line.split(" ")[0] for line in thread(mira)] == [
        "Installed",
        "Plan",
        "Stuck",
        "Credentials",
    ]
    await card_says(mira, "no source chosen")
    assert len([m for m in mira.messages(CHANNEL) if is_digest(m)]) == 1
    assert len(lost(mira)) == 1


@pytest.mark.parametrize("error", OF_EACH_KIND)
async def test_a_place_that_was_closed_from_the_beginning_gets_one_card(
    bound: World, error: str
) -> None:
    mira = bound.person("mira")
    channel(bound).refusal = error
    await mira.command("/segment-csm here", CHANNEL)
    await soon(lambda: refusals(bound, error) >= 2)
    await soon(lambda: lost(mira))
    channel(bound).refusal = ""
    await all_sent(bound)
    assert len(cards(mira)) == 1
    assert [line.split(" ")[0] for line in thread(mira)] == ["Installed"]
    assert len(lost(mira)) == 1


async def test_a_place_that_closes_a_second_time_is_told_a_second_time(bound: World) -> None:
    ada, mira = bound.person("ada"), bound.person("mira")
    await mira.command("/segment-csm here", CHANNEL)
    await card_says(mira, "plan not chosen")
    for plan, times in (("Business", 1), ("Team", 2)):
        await all_sent(bound)
        channel(bound).refusal = "restricted_action_read_only_channel"
        await (choose_plan(ada, plan) if times == 1 else enter_token(ada, token(bound, "acme")))
        await soon(lambda times=times: len(lost(mira)) == times)
        channel(bound).refusal = ""
        await all_sent(bound)
    assert len(lost(mira)) == 2


@pytest.mark.parametrize("error", PLACES)
def test_every_refusal_of_a_place_is_classified(error: str) -> None:
    assert class_of(slack_says(error)) in (ErrorClass.NO_CHANNEL, ErrorClass.CLOSED)


# --- people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", READERS)
def test_every_refusal_of_a_person_is_classified(error: str) -> None:
    assert class_of(slack_says(error)) in (ErrorClass.NO_CHANNEL, ErrorClass.GONE)


@pytest.fixture
def days(empty_world: World) -> Days:
    return Days(empty_world)


@pytest.mark.parametrize("error", TOLD_OF_READERS)
async def test_a_reminder_that_is_refused_for_its_reader_reaches_the_next_one(
    empty_world: World, days: Days, error: str
) -> None:
    ada, grace = empty_world.person("ada"), empty_world.person("grace")
    mira = empty_world.person("mira")
    grace.user.tz = ada.user.tz
    await days.install(0, 11)  # by Ada
    await choose_plan(grace, "Business")
    await settled(empty_world)
    grace.user.refusal = error
    await days.reach(1, 15, 59)
    assert len(reminders(ada)) == 1
    assert reminders(grace) == []
    assert "grace" in reminders(ada)[0].visible_text or grace.user.id in str(
        reminders(ada)[0].blocks
    )
    assert ask(empty_world, DEAD) == [("reminder", error)]
    assert not [line for line in thread(mira) if "reached" in line]
    grace.user.refusal = ""
    await days.reach(4, 15, 59)
    assert len(reminders(grace)) == 1, "later they are tried again"


@pytest.mark.parametrize("error", TOLD_OF_READERS)
async def test_where_slack_refuses_everybody_the_csm_hears_that_nobody_could_be_reached(
    empty_world: World, days: Days, error: str
) -> None:
    ada, mira = empty_world.person("ada"), empty_world.person("mira")
    await days.install(0, 11)
    await choose_plan(ada, "Business")
    await settled(empty_world)
    ada.user.refusal = error
    for day in (1, 3, 7, 14):
        await days.reach(day, 15, 59)
    assert reminders(ada) == []
    assert len([line for line in thread(mira) if "Could not be reached" in line]) == 1
    assert not [line for line in thread(mira) if "Stuck, and no more reminders" in line]
    await card_says(mira, "Could not be reached", "reach ada outside of Slack")


async def test_the_csm_hears_of_a_last_reminder_only_when_it_has_arrived(
    empty_world: World, days: Days
) -> None:
    ada, mira = empty_world.person("ada"), empty_world.person("mira")
    await days.install(0, 11)
    await choose_plan(ada, "Business")
    for day in (1, 3, 7):
        await days.reach(day, 15, 59)
    ada.user.refusal = "messages_tab_disabled"
    await days.reach(14, 15, 59)
    said = "\n".join(thread(mira))
    assert "Could not be reached" in said
    assert "Stuck, and no more reminders" not in said


@pytest.fixture
def without_windows(a_world: World) -> Iterator[None]:
    """What is drawn in a window finds none at once."""
    with patch("bot.outbound.windows.WINDOW_SETTLES", timedelta()):
        yield


@pytest.mark.usefixtures("without_windows")
@pytest.mark.parametrize("error", TOLD_OF_READERS)
async def test_whatever_never_reaches_its_reader_is_told_to_the_csm(
    a_world: World, ada: Person, error: str
) -> None:
    """Every kind of message to a person. A reminder goes to the next one: see above. What only
    informs is missed by nobody.
    """
    mira = a_world.person("mira")
    await choose_plan(ada, "Business")
    await all_sent(a_world)
    ada.user.refusal = error
    kinds = {body.kind: body for body in MESSAGES if not isinstance(body, Reminder)}
    assert {*kinds, Reminder.kind} == {each.kind for each in get_args(Personal)}
    async with a_world.asgi.state.bot.recorder.uow(ACME.id) as work:
        for kind, body in kinds.items():
            await work.outbox.add(Message(body, f"user:{ada.user.id}", kind, INTEGRATION))
        await work.commit()

    missed = {k for k, body in kinds.items() if not only_informs(Message(body, "", k, ""))}
    assert len(missed) < len(kinds)

    def unreached() -> list[str]:
        return [line for line in thread(mira) if "Could not be reached" in line]

    await soon(lambda: len(unreached()) == len(missed))
    await all_sent(a_world)
    lines, dead = unreached(), set(ask(a_world, DEAD))
    assert len(lines) == len(missed)
    # News that nobody asked for is not tried again at somebody whom Slack refused just now.
    untried = {each.kind for each in get_args(UnaskedNews)}
    assert {(kind, error) for kind in kinds if kind not in untried} <= dead
    assert dead <= {(kind, error) for kind in kinds}
    for kind in missed:
        (line,) = (each for each in lines if f"Not delivered: {UNDELIVERED[kind]}." in each)
        assert "ada" in line
    assert set(UNDELIVERED) == {each.kind for each in get_args(Personal)}
    ada.user.refusal = ""
    await ada.say(None, "hello again")
    await all_sent(a_world)
    assert set(ask(a_world, DEAD)) == dead, "what comes later arrives"


@pytest.mark.parametrize("error", TOLD_OF_READERS)
async def test_another_direct_message_that_is_refused_holds_up_nothing(
    a_world: World, ada: Person, error: str
) -> None:
    await told(ada, "Toplyne")
    ada.user.refusal = error
    await ada.say(None, "hello")
    await soon(lambda: ask(a_world, DEAD) == [("message_hint", error)])
    ada.user.refusal = ""
    await ada.say(None, "hello again")
    await all_sent(a_world)
    assert ask(a_world, DEAD) == [("message_hint", error)]


@pytest.mark.parametrize("error", ["team_access_not_granted", "ekm_access_denied", "no_permission"])
async def test_a_direct_message_waits_where_admins_closed_the_place(
    a_world: World, ada: Person, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    monkeypatch.setattr("bot.outbound.deliver.MESSAGE_BACKOFF", (0.2,))
    await told(ada, "Toplyne")
    before = len(ada.messages())
    ada.user.refusal = error
    await ada.say(None, "hello")
    await soon(lambda: refusals(a_world, error) >= 2)
    ada.user.refusal = ""
    await all_sent(a_world)
    assert len([m for m in ada.messages()[before:] if m.is_app]) == 1
