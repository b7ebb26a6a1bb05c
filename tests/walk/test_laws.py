"""Each law is broken on purpose once: a fault is planted into one look, and the law notices.

Looks of a real walk are the ground, so that what is planted differs from truth in one thing.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from bot.ids import Callback
from bot.strings.status import FAILURE_STATE
from flows.model import DestinationState
from flows.setup.events import Disconnected, Reopened, Started
from flows.vocabulary import TokenHealth, TokenState
from playground.sample import ACME, TOPLYNE
from playground.segment.state import Role
from playground.slack.breaches import Breach
from playground.slack.model import Message
from tests.combinations.standings import Standing
from tests.walk.acts import Act
from tests.walk.house import House, house
from tests.walk.laws import LAWS, broken
from tests.walk.seen import look
from tests.walk.starts import go_to
from tests.walk.step import Step

pytestmark = pytest.mark.asyncio(loop_scope="module")
Plant = Callable[[House, Step], Step]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quiet(tmp_path_factory: pytest.TempPathFactory):
    """A house in which nothing is wrong, and a step that changed nothing but one message."""
    async with house(tmp_path_factory.mktemp("walk")) as found:
        await go_to(found, Standing.WAITING)
        await found.person("ada").command("/segment status")
        await found.settle()
        seen = await look(found)
        act = Act("ada", "type", "/segment", value="/segment")
        changed = replace(seen, changes=("another",))
        yield found, Step(found, act, True, seen, changed, [], False, frozenset({"s3cret"}))


def _said(house: House, step: Step, text: str, key: str = "") -> Step:
    """One more message in the CSM channel."""
    bot = house.world.slack.installations[TOPLYNE.id]
    ts = house.world.slack.core.next_ts()
    metadata = {"event_payload": {"key": key}} if key else None
    said = Message("C0TOPLCUSTS", ts, bot.bot_user_id, text, bot_id="B1", metadata=metadata)
    house.world.slack.core.state.messages.append(said)
    drawn = {**step.after.drawn, ("message", "C0TOPLCUSTS", ts, ""): text}
    return replace(step, after=replace(step.after, drawn=drawn))


def _counted(step: Step, kind: str) -> Step:
    more = step.after.history + Counter({kind: 1})
    act = Act("ada", "press", "check_again", "modal")
    return replace(step, act=act, after=replace(step.after, history=more))


def _breach(house: House, step: Step) -> Step:
    house.world.slack.breaches.append(Breach(0.0, "views.open", "invalid_blocks", ""))
    return step


def _dead(house: House, step: Step) -> Step:
    """A process has died, which explains some of what Slack sees."""
    house.deaths += 1
    return replace(step, killed=True, troubled=True)


def _twice_to_a_person(house: House, step: Step) -> Step:
    changed = _twice(house, _dead(house, step))
    for message in house.world.slack.core.state.messages[-2:]:
        message.channel = "D0ADA"
    return changed


def _twice(house: House, step: Step) -> Step:
    return _said(house, _said(house, step, "hello", "k1"), "hello", "k1")


def _matter(house: House, step: Step) -> Step:
    matter: dict[str, Any] = {"number": 1, "reason": "help", "by": "U0NOBODY"}
    before = {"csm": {"matters": [matter]}}
    after = {"csm": {"matters": [matter | {"ended": {"answer": 2}}]}}
    facts = replace(step.before, facts=before), replace(step.after, facts=after)
    return replace(step, before=facts[0], after=facts[1])


def _overview(house: House, step: Step) -> Step:
    assert step.after.overview is not None
    stale = replace(step.after.overview, blocker="no_events")
    return replace(step, after=replace(step.after, overview=stale))


def _stale_card(house: House, step: Step) -> Step:
    assert step.after.situation is not None
    other = replace(step.after.situation.integration, plan=None)
    return replace(
        step, after=replace(step.after, situation=replace(step.after.situation, integration=other))
    )


def _other_status(house: House, step: Step) -> Step:
    return _stale_card(house, replace(step, act=replace(step.act, value="/segment status")))


def _drawn_for_mira(text: str) -> Plant:
    """A board, drawn at Mira's press, with this line."""

    def plant(house: House, step: Step) -> Step:
        section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        view = json.dumps({"callback_id": Callback.BOARD, "blocks": [section]})
        act = Act("mira", "type", "/segment-csm", value="/segment-csm")
        drawn = {**step.after.drawn, ("modal", "mira", "V1", "h"): view}
        return replace(step, act=act, after=replace(step.after, drawn=drawn))

    return plant


def _digest(house: House, step: Step) -> Step:
    line = {"type": "section", "text": {"type": "mrkdwn", "text": "• *<https://x|Acme>*: nothing"}}
    said = json.dumps({"text": "Needs you today", "blocks": [line]})
    return _said(house, step, said)


def _waited(house: House, step: Step) -> Step:
    """Three days, in which nothing was looked at."""
    return replace(step, act=Act("the world", "wait", value=3 * 86400))


def _seen_wrongly(house: House, step: Step) -> Step:
    """A look after which the destination counts as off; Segment has none."""
    assert step.after.situation is not None
    later = step.after.situation.now + timedelta(days=3)
    observed = step.after.situation.observed
    statuses = {
        key: replace(each, destination=DestinationState.DISABLED, observed_at=later, asked_at=later)
        for key, each in observed.statuses.items()
    }
    situation = replace(step.after.situation, observed=replace(observed, statuses=statuses))
    waited = _waited(house, step)
    return replace(waited, after=replace(step.after, situation=situation))


def _refused_wrongly(house: House, step: Step) -> Step:
    assert step.after.situation is not None
    observed = replace(
        step.after.situation.observed,
        token=TokenHealth(TokenState.REFUSED, step.after.situation.now),
    )
    for token in house.world.segment.workspace("acme").tokens:
        token.role, token.revoked = Role.OWNER, False
    situation = replace(step.after.situation, observed=observed)
    waited = _waited(house, step)
    return replace(waited, after=replace(step.after, situation=situation))


def _overdue(house: House, step: Step) -> Step:
    """The last look was long ago."""
    assert step.after.situation is not None
    observed = replace(
        step.after.situation.observed,
        looked_at=step.after.situation.now - timedelta(days=9),
        waited_at=None,
    )
    situation = replace(step.after.situation, observed=observed)
    waited = _waited(house, step)
    return replace(waited, after=replace(step.after, situation=situation))


def _checking(house: House, step: Step) -> Step:
    view = house.person("ada").modal
    assert view is not None
    view.view.payload["callback_id"] = Callback.PROGRESS.value
    return step


def _gone(house: House, step: Step) -> Step:
    house.uninstalled.add(ACME.id)
    return replace(step, act=Act("the world", "wait", value=3600))


def _token_lost(house: House, step: Step) -> Step:
    act = Act("ada", "press", "check_again", "modal")
    return replace(step, act=act, after=replace(step.after, tokens=step.after.tokens - 1))


def _nothing(house: House, step: Step) -> Step:
    act = Act("ada", "press", "check_again", "modal")
    return replace(step, act=act, after=step.before)


def _reminders(days: list[float]) -> Plant:
    """A history with reminders on these days."""

    def plant(house: House, step: Step) -> Step:
        rows = [("started", 0.0), *(("reminded", day * 86400) for day in days)]
        fake = SimpleNamespace(
            ask=lambda asked, *_: rows if "FROM history" in asked else [],
            world=house.world,
            person=house.person,
            now=house.now,
            uninstalled={ACME.id},
            deaths=0,
            bot=house.bot,
        )
        return replace(_counted(step, "reminded"), house=fake)  # type: ignore[arg-type]

    return plant


PLANTED: list[tuple[str, str, Plant]] = [
    ("a breach", "no_breach", _breach),
    ("a breach beside a death", "no_breach", lambda h, s: _dead(h, _breach(h, s))),
    ("a trace beside a death", "no_error_is_logged",
     lambda h, s: _dead(h, replace(s, log=["Traceback"]))),
    ("twice to a person after a death", "nothing_is_said_twice", _twice_to_a_person),
    ("an error line", "no_error_is_logged", lambda _, s: replace(s, log=['{"level": "error"}'])),
    ("a trace", "no_error_is_logged", lambda _, s: replace(s, log=["Traceback"], troubled=True)),
    ("a failure", "nothing_looks_failed", lambda h, s: _said(h, s, FAILURE_STATE)),
    ("a secret", "no_secret_is_shown", lambda h, s: _said(h, s, "it is s3cret")),
    ("a secret in the log", "no_secret_is_shown", lambda _, s: replace(s, log=["s3cret"])),
    ("twice", "nothing_is_said_twice", _twice),
    ("two reminders in a day", "reminders_keep_their_distance", _reminders([1.0, 1.9])),
    ("nine reminders", "reminders_keep_their_distance", _reminders([3.0 * n for n in range(9)])),
    ("an answer to nobody", "who_asked_gets_the_answer", _matter),
    ("a stale overview", "the_overview_is_as_derived", _overview),
    ("a stale card", "home_and_card_agree", _stale_card),
    ("another status", "status_says_the_same", _other_status),
    ("another board", "the_board_agrees", _drawn_for_mira("*Acme* · Plan: none\nsince then")),
    ("another digest", "the_digest_agrees", _digest),
    ("no look", "it_is_as_in_segment", _waited),
    ("a wrong look", "it_is_as_in_segment", _seen_wrongly),
    ("a token that is not refused", "it_is_as_in_segment", _refused_wrongly),
    ("a look that is overdue", "nothing_is_overdue", _overdue),
    (
        "a promise of yesterday",
        "no_promise_lies_in_the_past",
        lambda h, s: _said(h, s, "no reminder before <!date^1000000000^{date_short}|2001>"),
    ),
    (
        "a reminder of yesterday",
        "no_promise_lies_in_the_past",
        lambda h, s: _said(h, s, "the next one not before Sep 9, 2001, in working hours"),
    ),
    ("a check without end", "checking_ends", _checking),
    ("begun by a look", "only_what_says_so_does_it", lambda _, s: _counted(s, Started.kind)),
    ("ended by a look", "only_what_says_so_does_it", lambda _, s: _counted(s, Disconnected.kind)),
    ("reopened by a look", "only_what_says_so_does_it", lambda _, s: _counted(s, Reopened.kind)),
    ("a token deleted by a look", "only_what_says_so_does_it", _token_lost),
    ("a press without effect", "a_press_shows_something", _nothing),
    ("rows of a customer who left", "nothing_remains", _gone),
    ("an id", "words_are_for_people", lambda h, s: _said(h, s, "ask U0ACMEADA01 for it")),
    ("a placeholder", "words_are_for_people", lambda h, s: _said(h, s, "since {when}")),
    ("a stranger", "words_are_for_people", lambda h, s: _said(h, s, "ask <@U0ACMEADA01>")),
]  # fmt: skip


async def test_nothing_is_wrong_without_a_plant(quiet: tuple[House, Step]) -> None:
    assert broken(quiet[1]) == []


@pytest.mark.parametrize("error", ["dispatch_failed", "http_service_error"])
async def test_a_death_excuses_what_slack_sees_of_it(quiet: tuple[House, Step], error: str) -> None:
    found, step = quiet
    found.world.slack.breaches.append(Breach(0.0, "view_submission", error, ""))
    try:
        assert [line.partition(":")[0] for line in broken(step)] == ["no_breach"]
        assert broken(replace(step, killed=True)) == []
    finally:
        found.world.slack.breaches.clear()


async def test_every_law_has_a_plant() -> None:
    assert {law for _, law, _ in PLANTED} == {law.__name__ for law in LAWS}


@pytest.mark.parametrize(("name", "law", "plant"), PLANTED, ids=[name for name, *_ in PLANTED])
async def test_it_is_noticed(quiet: tuple[House, Step], name: str, law: str, plant: Plant) -> None:
    found, step = quiet
    messages = list(found.world.slack.core.state.messages)
    modal = found.person("ada").modal
    callback = modal.view.payload["callback_id"] if modal else ""
    try:
        noticed = broken(plant(found, step))
    finally:
        found.world.slack.core.state.messages[:] = messages
        found.world.slack.breaches.clear()
        found.uninstalled.clear()
        found.deaths = 0
        if modal:
            modal.view.payload["callback_id"] = callback
    assert [line for line in noticed if line.startswith(law)], noticed
