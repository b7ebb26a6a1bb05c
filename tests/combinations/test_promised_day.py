"""The question of the promised day × what happened after it was asked.

Its message and its window are drawn on the day itself. Then a colleague goes on, and only then
somebody presses.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.ids import Action, Callback
from playground.slack.person import Person
from tests.combinations import laws
from tests.combinations.presses import Place, Press, every_press
from tests.combinations.standings import Standing, disconnect, promised_day_comes, to_request
from tests.combinations.test_meanwhile import (
    BEFORE,
    Meanwhile,
    Story,
    a_colleague_is_named,
    found_in,
    kept,
    nothing_happens_twice,
    outcomes,
    what_comes_after_stays,
)
from tests.scenario.story import see
from tests.support.template import sqlite_url
from tests.support.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWERS = (Action.REPLAY_RUNNING, Action.REPLAY_SCHEDULED, Callback.REPLAY_SCHEDULED)


async def _opened(grace: Person) -> None:
    await grace.command("/segment")
    await see(grace, "Not yet")


async def _runs(_made: World, grace: Person) -> None:
    await _opened(grace)
    await grace.click("It’s running")
    await see(grace, "It’s finished")


async def _finished(made: World, grace: Person) -> None:
    await _runs(made, grace)
    await grace.click("It’s finished")
    await see(grace, "Shall I keep watching")


async def _another_day(_made: World, grace: Person) -> None:
    await _opened(grace)
    await grace.click("Not yet")
    await grace.submit()
    await see(grace, "it had not started on")


async def _disconnected(_made: World, grace: Person) -> None:
    await disconnect(grace)


GOES_ON: dict[str, tuple[Story, Standing]] = {
    "said that it runs": (_runs, Standing.RUNNING),
    "said that it finished": (_finished, Standing.FINISHED),
    "said that it did not start": (_another_day, Standing.PROMISED),
}
GONE: dict[str, tuple[Story, Standing]] = {
    "disconnected": (_disconnected, Standing.DISCONNECTED),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Meanwhile]:
    """Ada is asked on the promised day; then each story is told."""
    folder: Path = tmp_path_factory.mktemp("promised")
    async with world(sqlite_url(folder)) as made:
        ada = made.person("ada")
        await made.start_bot()
        await made.install()
        made.person("grace").user.is_admin = True  # so she may do what Ada started
        await to_request(made, ada)
        await ada.command("/segment")
        await see(ada, "I’ve sent it to Segment")
        await ada.click("I’ve sent it to Segment")
        await see(ada, "It’s scheduled")
        await promised_day_comes(made, ada)
        told = await kept(made, folder, {**GOES_ON, **GONE})
        made.slack.breaches.clear()
        yield told


def answers() -> Iterator[Press]:
    """What the question offers, in the message and in the window that one of them opens."""
    for press in every_press():
        if press.id in ANSWERS and press.place in (Place.MESSAGE, Place.MODAL):
            yield press


async def test_the_question_is_in_the_table() -> None:
    found = {(press.id, press.place) for press in answers()}
    assert found >= {
        (Action.REPLAY_RUNNING, Place.MESSAGE),
        (Action.REPLAY_SCHEDULED, Place.MESSAGE),
        (Callback.REPLAY_SCHEDULED, Place.MODAL),
    }


@pytest.mark.parametrize("story", GOES_ON)
async def test_the_answer_of_a_colleague_stays(asked: Meanwhile, story: str) -> None:
    _, standing = GOES_ON[story]
    pressed = await outcomes(asked, story, standing, answers())
    found = found_in(pressed, a_colleague_is_named, what_runs_stays)
    assert not found, found


@pytest.mark.parametrize("story", GONE)
async def test_no_answer_goes_to_a_set_up_that_is_gone(asked: Meanwhile, story: str) -> None:
    _, standing = GONE[story]
    pressed = await outcomes(asked, story, standing, answers())
    found = found_in(pressed, what_comes_after_stays)
    assert not found, found


async def test_two_give_the_same_answer(asked: Meanwhile) -> None:
    pressed = await outcomes(asked, BEFORE, Standing.PROMISED, answers(), twice=True)
    found = found_in(pressed, a_colleague_is_named, nothing_happens_twice)
    assert not found, found


def what_runs_stays(outcome: laws.Outcome) -> Iterator[str]:
    """No late answer takes back that the Replay runs or has finished."""
    (before, _), (after, _) = outcome.before, outcome.after
    for fact in ("replay_running", "replay_finished", "outcome"):
        if before.facts.get(fact) and before.facts[fact] != after.facts.get(fact):
            yield f"changed {fact}"
