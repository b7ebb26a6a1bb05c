"""Every window, button and menu × what happened after it was drawn.

All are drawn from one standing: a Replay request is prepared. Then a colleague goes on, and only
then somebody presses. What names a set-up that is gone changes nothing of the one that is there,
and says who did what.
"""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.ids import Action, Callback
from bot.settings import LogLevel
from bot.strings.notices import NOTICES
from flows.csm.events import CsmWrote, CustomerReplied
from flows.reminders.events import AskedForQuiet, Snoozed
from flows.replay.events import ReplayQuestioned
from flows.setup.events import CheckFailed, Delegated, HelpAsked
from flows.setup.results import Notice
from playground.sample import ACME
from playground.slack.person import Person
from tests.combinations import laws
from tests.combinations.dealing import assert_covers, dealt
from tests.combinations.presses import COLLEAGUE, SEARCH, Drawn, Place, Press, every_press
from tests.combinations.standings import Copies, Standing, backup, disconnect, to_request
from tests.combinations.table import Table, drawn_at
from tests.scenario.database import all_sent, ask
from tests.scenario.logged import logged
from tests.scenario.story import SOURCES, choose_plan, choose_sources, enter_token, see, token
from tests.support.template import sqlite_url
from tests.support.world import World, soon, world

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _same_workspace(made: World, grace: Person) -> None:
    await disconnect(grace)
    await choose_plan(grace, "Business")
    await enter_token(grace, token(made, "acme"))
    await see(grace, SOURCES)
    await choose_sources(grace, "Web app")
    await see(grace, "Web app")


async def _another_workspace(made: World, grace: Person) -> None:
    await disconnect(grace)
    await choose_plan(grace, "Team")
    await enter_token(grace, token(made, "beacon"))
    await see(grace, SOURCES)


async def _sent(_made: World, grace: Person) -> None:
    await grace.command("/segment")
    await see(grace, "I’ve sent it to Segment")
    await grace.click("I’ve sent it to Segment")
    await see(grace, "It’s running")


async def _finished(made: World, grace: Person) -> None:
    await _sent(made, grace)
    await grace.click("It’s running")
    await see(grace, "It’s finished")
    await grace.click("It’s finished")
    await see(grace, "Shall I keep watching")


async def _token_replaced(made: World, grace: Person) -> None:
    await grace.command("/segment")
    await see(grace, "I’ve sent it to Segment")
    for screen in ("events delivered", SOURCES, "New access token"):
        await grace.click("Back")
        await see(grace, screen)
    await enter_token(grace, token(made, "acme"))
    await see(grace, "I’ve sent it to Segment")
    for screen in ("events delivered", SOURCES):
        await grace.click("Back")
        await see(grace, screen)
    await choose_sources(grace, "Web app", "Backend")
    await see(grace, "Backend")


async def _disconnected(_made: World, grace: Person) -> None:
    await disconnect(grace)


async def _uninstalled(made: World, _grace: Person) -> None:
    """Slack still delivers presses: the bot may have heard of the removal before they happened."""
    installation = made.slack.installations[ACME.id]
    made.slack.events.emit(installation, "app_uninstalled", {"type": "app_uninstalled"}, ACME.id)
    erased = "SELECT 1 FROM teams WHERE team_id = ? AND erased_at IS NOT NULL"
    await soon(lambda: ask(made, erased, ACME.id))


async def _reinstalled(made: World, grace: Person) -> None:
    await _uninstalled(made, grace)
    await made.slack.install(ACME.id, grace.user.id)
    await choose_plan(grace, "Business")


async def _asked_one_leaves(made: World, grace: Person) -> None:
    """Grace asks Linus, who then leaves the company."""
    await grace.command("/segment")
    await see(grace, "I’ve sent it to Segment")
    await grace.click("Somebody else must do this")
    await see(grace, "Colleague")
    grace.fill("Colleague", "linus")
    await grace.submit()
    await see(grace, "Linus")
    made.person("linus").user.deleted = True


WITHOUT_LINUS = "whoever was asked has left"
Story = Callable[[World, Person], Awaitable[None]]
# What was drawn before is about something that is gone.
GONE: dict[str, tuple[Story, Standing]] = {
    "disconnected": (_disconnected, Standing.DISCONNECTED),
    "begun anew, the same workspace": (_same_workspace, Standing.ARRIVING),
    "begun anew, another workspace": (_another_workspace, Standing.SOURCES),
    "uninstalled and begun anew": (_reinstalled, Standing.CREDENTIALS),
}
GONE_ON: dict[str, tuple[Story, Standing]] = {
    "sent": (_sent, Standing.SENT),
    "finished": (_finished, Standing.FINISHED),
    "token and sources changed": (_token_replaced, Standing.PREPARED),
    WITHOUT_LINUS: (_asked_one_leaves, Standing.PREPARED),
    "uninstalled": (_uninstalled, Standing.UNINSTALLED),
}
ALIKE = {  # `make test` deals the presses among alike ones
    **{each: (each,) for each in ("disconnected", "uninstalled", WITHOUT_LINUS)},
    "another set-up": [story for story in GONE if story != "disconnected"],
    "gone on": ("sent", "finished", "token and sources changed"),
}

# These are about the customer or about nothing, whatever is set up.
OF_ALL = {
    Action.START, Action.OPEN_LINK, Action.OPEN_BOARD, Action.WHO_DID,
    Action.ASK_HELP, Callback.HELP, Action.REPLY, Callback.REPLY, Action.PASS_ON,
    Action.CSM_CLAIM, Action.CSM_UNCLAIM, Action.CSM_ASSIGN, Callback.CSM_ASSIGN,
    Action.CSM_MESSAGE, Action.CSM_ANSWER, Action.CSM_OPEN_CONFIRM,
    Action.CSM_ANSWERED, Callback.CSM_ANSWERED,
    Callback.CSM_ACCOUNT,
}  # fmt: skip
OF_ALL_CHOICES = ("csm_more=account", "csm_more=answered")
WRITTEN_DOWN = {"revision", "last_active", "csm", "forms", "changed", "changed_by"}  # by words
GRACE = "grace"
UNNAMED = (NOTICES[Notice.CHANGED_MEANWHILE], NOTICES[Notice.ALREADY_DONE])
# People say and send these as often as they like.
REPEATED = {
    HelpAsked.kind, ReplayQuestioned.kind, CustomerReplied.kind, CsmWrote.kind, Delegated.kind,
    CheckFailed.kind, AskedForQuiet.kind, Snoozed.kind,
}  # fmt: skip
OF_THE_BOARD = {*(each for each in Action if each.startswith("board_")), Callback.BOARD}
_DRAWN_ALIKE = {Action.GO_TO, Action.OPEN_SCREEN, Action.ASK_MANAGERS}


def _pressed() -> Iterator[Press]:
    """One of each kind of button, and each window. The board and what is typed name no set-up."""
    seen = set[tuple[str, Place]]()
    for press in every_press():
        if press.place is None or press.id in OF_THE_BOARD:
            continue
        if press.id in _DRAWN_ALIKE and (press.id, press.place) in seen:
            continue
        seen.add((press.id, press.place))
        yield press


BEFORE = "before"


class Meanwhile:
    """The database of each story's end, and what was drawn before all of them."""

    def __init__(self, made: World, folder: Path) -> None:
        self.world = made
        self.copies = Copies(made, folder)
        self.folder = folder
        self.drawn = Drawn(0, 0)
        self.tokens: dict[str, str] = {}  # Slack holds what the database does not
        self.left: dict[str, bool] = {}  # whether Linus has left

    async def put_back(self, story: str, live: sqlite3.Connection | None = None) -> None:
        self.world.slack.installations[ACME.id].token = self.tokens[story]
        self.world.slack.core.state.dead_tokens.clear()
        self.world.person("linus").user.deleted = self.left[story]
        with closing(self._of(story)) as copy, closing(self.copies.open()) as here:
            await backup(copy, live or here)

    async def keep(self, story: str) -> None:
        """Stops the bot, so that nothing is under way."""
        await all_sent(self.world)
        for person in map(self.world.person, ("ada", "grace")):
            if person.modals:
                await person.close(everything=True)
        await self.world.stop_bot()
        self.tokens[story] = self.world.slack.installations[ACME.id].token
        self.left[story] = self.world.person("linus").user.deleted
        with closing(self.copies.open()) as live, closing(self._of(story)) as copy:
            await backup(live, copy)

    def _of(self, story: str) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / f"{story}.db", check_same_thread=False)

    def drawn_now(self) -> Drawn:
        with closing(self.copies.open()) as live:
            return drawn_at(live)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Meanwhile]:
    folder: Path = tmp_path_factory.mktemp("meanwhile")
    async with world(sqlite_url(folder)) as made:
        await made.start_bot()
        await made.install()
        made.person("grace").user.is_admin = True  # so she may do what Ada started
        await to_request(made, made.person("ada"))
        told = await kept(made, folder, {**GONE_ON, **GONE})
        made.slack.breaches.clear()
        yield told


async def kept(
    made: World, folder: Path, stories: Mapping[str, tuple[Story, Standing]]
) -> Meanwhile:
    """All are drawn from the world as it is now; then Grace tells each story, and it is kept."""
    told = Meanwhile(made, folder)
    await told.keep(BEFORE)
    told.drawn = told.drawn_now()
    for story, (go_on, _) in stories.items():
        await told.put_back(BEFORE)
        await made.start_bot()
        await go_on(made, made.person("grace"))
        await told.keep(story)
    return told


async def outcomes(
    told: Meanwhile,
    story: str,
    standing: Standing,
    presses: Iterable[Press] | None = None,
    *,
    twice: bool = False,
) -> list[laws.Outcome]:
    """What follows from each press. `twice`: a colleague presses the same a moment before."""
    pressed = dealt(_pressed(), ALIKE, story) if presses is None else presses
    made = told.world
    with closing(told.copies.open()) as database, logged(LogLevel.WARNING) as log:
        put_back = partial(told.put_back, story)
        await put_back(database)
        await made.start_bot(worker=False)
        try:
            table = Table(made, standing, told.drawn, database, log, put_back)
            return [await table.press(press, twice=twice) for press in pressed]
        finally:
            await made.stop_bot()
            made.slack.breaches.clear()


def _is_of_all(outcome: laws.Outcome) -> bool:
    press = outcome.press
    return press.id in OF_ALL or press.name.startswith(OF_ALL_CHOICES)


def what_comes_after_stays(outcome: laws.Outcome) -> Iterator[str]:
    """What was drawn from one set-up leaves the next one as it is, and says what happened."""
    (before, _), (after, _) = outcome.before, outcome.after
    if outcome.press.id == Action.START:
        return
    but = WRITTEN_DOWN if _is_of_all(outcome) else set[str]()
    if _facts(before, but) != _facts(after, but):
        yield f"changed {_differing(before.facts, after.facts)}"
    if before.secrets != after.secrets:
        yield "secrets changed"
    if not _is_of_all(outcome) and outcome.press.option != SEARCH:
        said = laws.new_words(outcome)
        if GRACE not in said.casefold():
            yield f"does not say who did what meanwhile, but {said[:300]!r}"


def a_colleague_is_named(outcome: laws.Outcome) -> Iterator[str]:
    said = laws.new_words(outcome)
    yield from (f"does not say who: {each!r}" for each in UNNAMED if each in said)


def nothing_happens_twice(outcome: laws.Outcome) -> Iterator[str]:
    (before, _), (after, _) = outcome.before, outcome.after
    again = (after.history - before.history).keys() & before.history.keys() - REPEATED
    if again:
        yield f"happened a second time: {sorted(again)}"


def nobody_asks_who_left(outcome: laws.Outcome) -> Iterator[str]:
    if "Linus" in laws.new_words(outcome) and outcome.press.id == Callback.DELEGATE:
        yield "says that it asked somebody who has left"


def _facts(stored: laws.Stored, but: set[str]) -> dict[str, Any]:
    return {key: value for key, value in stored.facts.items() if key not in but}


def _differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return sorted(key for key in other if one.get(key) != other[key])


Law = Callable[[laws.Outcome], Iterator[str]]


def found_in(pressed: list[laws.Outcome], *more: Law) -> str:
    """Each broken law, one a line."""
    return "\n".join(
        f"{outcome.press.name}: {fault}"
        for outcome in pressed
        for law in (*laws.LAWS, *more)
        for fault in law(outcome)
    )


async def test_every_press_meets_each_kind_of_story() -> None:
    assert_covers(tuple(_pressed()), ALIKE, [*GONE, *GONE_ON])


@pytest.mark.parametrize("story", GONE)
async def test_nothing_acts_on_what_it_does_not_name(walked: Meanwhile, story: str) -> None:
    _, standing = GONE[story]
    found = found_in(await outcomes(walked, story, standing), what_comes_after_stays)
    assert not found, found


@pytest.mark.parametrize("story", GONE_ON)
async def test_what_a_colleague_did_stays(walked: Meanwhile, story: str) -> None:
    _, standing = GONE_ON[story]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(COLLEAGUE, ACME.id, "linus")
        pressed = await outcomes(walked, story, standing)
    gone = nobody_asks_who_left if story == WITHOUT_LINUS else a_colleague_is_named
    found = found_in(pressed, a_colleague_is_named, gone)
    assert not found, found


async def test_a_colleague_does_the_same(walked: Meanwhile) -> None:
    pressed = await outcomes(walked, BEFORE, Standing.PREPARED, _pressed(), twice=True)
    found = found_in(pressed, a_colleague_is_named, nothing_happens_twice)
    assert not found, found
