"""Each way in × each kind of Slack workspace: an answer, a warning, or silence by a rule."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import LogLevel
from playground.sample import ACME
from playground.slack.person import Person
from tests.combinations.presses import handled
from tests.globex import EUROPE, HANK, move_in
from tests.scenario.database import ask
from tests.scenario.logged import logged
from tests.scenario.story import choose_plan, minutes_pass, token
from tests.support.template import sqlite_url
from tests.support.world import World, soon, world

SHARED = {
    "csm_channel_id": None,
    "slack_client_id": None,
    "slack_client_secret": None,
    "public_url": None,
}


async def customer(made: World) -> Person:
    await made.install()
    ada = made.person("ada")
    await choose_plan(ada, "Business")
    return ada


async def without_a_set_up(made: World) -> Person:
    await made.install()
    return made.person("ada")


async def toplyne(made: World) -> Person:
    await made.install()
    return made.person("mira")


async def org(made: World) -> Person:
    await made.install()
    move_in(made.slack)
    await made.slack.install_org_wide(HANK)
    await made.slack.grant(EUROPE.id)
    granted = "SELECT 1 FROM teams WHERE team_id = ?"
    await soon(lambda: ask(made, granted, EUROPE.id))
    hank: Person = made.person(HANK)
    await choose_plan(hank, "Business")
    return hank


async def uninstalled(made: World) -> Person:
    """Slack still delivers what happened before the app has heard of its removal."""
    ada = await customer(made)
    installation = made.slack.installations[ACME.id]
    await minutes_pass(made, 1)  # of an event in the second of the installation Slack is asked
    made.slack.events.emit(installation, "app_uninstalled", {"type": "app_uninstalled"}, ACME.id)
    erased = "SELECT 1 FROM teams WHERE team_id = ? AND erased_at IS NOT NULL"
    await soon(lambda: ask(made, erased, ACME.id))
    return ada


async def shared(made: World) -> Person:
    """One workspace for customers and CSMs."""
    ada = made.person("ada")
    await choose_plan(ada, "Business")
    return ada


KINDS: dict[str, Callable[[World], Awaitable[Person]]] = {
    "customer": customer,
    "without a set-up": without_a_set_up,
    "Toplyne's own": toplyne,
    "Toplyne's own and its own customer": shared,
    "org-wide": org,
    "just uninstalled": uninstalled,
}


@asynccontextmanager
async def world_of(kind: str, folder: Path) -> AsyncIterator[World]:
    is_shared = KINDS[kind] is shared
    async with world(sqlite_url(folder), **(SHARED if is_shared else {})) as made:
        if is_shared:
            made.settings["csm_team_id"] = None
            seeded = made.slack.seed_installation(ACME.id, made.person("ada").user.id)
            made.settings["slack_bot_token"] = SecretStr(seeded.token)
        await made.start_bot()
        yield made


@dataclass(frozen=True)
class Door:
    """`come` uses it. `warns`: a token was typed there."""

    come: Callable[[Person, str], Awaitable[object]]
    warns: bool = False


def typed(line: str) -> Door:
    return Door(lambda person, secret: person.command(line.format(token=secret)), "{" in line)


async def home(person: Person, _secret: str) -> None:
    await person.open_home()


WORDS = ("", " status", " replay", " disconnect", " help", " frobnicate", " {token}")
CSM_WORDS = ("", " mine", " find acme", " here", " help", " frobnicate", " {token}")
DOORS: dict[str, Door] = {
    **{f"/segment{word}": typed(f"/segment{word}") for word in WORDS},
    **{f"/segment-csm{word}": typed(f"/segment-csm{word}") for word in CSM_WORDS},
    "shortcut": Door(lambda person, _: person.shortcut("connect_segment")),
    "Home": Door(home),
    "message": Door(lambda person, _: person.say(None, "good morning")),
    "message with a token": Door(lambda person, secret: person.say(None, secret), warns=True),
}
MUTE = ("Home", "shortcut", "message", "message with a token")
# After an uninstall the app has no token to speak with where Slack does not let it answer.
SILENT = {("just uninstalled", door) for door in MUTE}
# Nobody outside Toplyne has a reason to type anything there, and what is typed goes nowhere.
UNWARNED = {
    (kind, "/segment-csm {token}")
    for kind in ("customer", "without a set-up", "org-wide", "just uninstalled")
} | {("just uninstalled", "/segment {token}"), ("Toplyne's own", "/segment {token}")}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_door_answers(kind: str, tmp_path: Path) -> None:
    found = []
    async with world_of(kind, tmp_path) as made:
        person = await KINDS[kind](made)
        await made.work_off()
        secret = token(made, "acme")
        with logged(LogLevel.WARNING) as log:
            for name, door in DOORS.items():
                written = len(log.getvalue())
                said = await answered(made, person, door, secret)
                lines = log.getvalue()[written:].splitlines()
                found += [f"{name}: {each}" for each in lines if '"level": "error"' in each]
                if ((kind, name) in SILENT) is bool(said):
                    found.append(f"{name}: says {said[:100]!r}")
                elif door.warns and said and (kind, name) not in UNWARNED and "revoke" not in said:
                    found.append(f"{name}: does not warn: {said[:100]!r}")
                assert secret not in said
            assert secret not in log.getvalue()
        found += [f"{each.where}: {each.error}" for each in made.slack.breaches]
        made.slack.breaches.clear()
    assert not found, "\n".join(found)


async def answered(made: World, person: Person, door: Door, secret: str) -> str:
    """What the person newly sees."""
    made.slack.core.views.clear(person.user.id)
    person.home_shown = False
    seen = everything(made, person)
    await door.come(person, secret)
    await handled(made)
    await all_handled(made)
    return "\n".join(everything(made, person) - seen)


async def all_handled(made: World) -> None:
    """Waits until each event has been taken and its answer has left."""
    await soon(lambda: ask(made, "SELECT count(*) FROM inbox WHERE open") == [(0,)])
    await made.work_off()


def everything(made: World, person: Person) -> Counter[str]:
    messages = [*person.messages(), *person.messages(person._first_channel().id)]
    shown = [f"{each.ts} {each.visible_text}" for each in messages if each.is_app]
    modals = [f"{each.title} {each.text}" for each in person.modals]
    views = made.slack.core.state.home_of(person.user)
    return Counter([*shown, *modals, *([views.hash] if views else [])])
