"""No token is anywhere except in Segment's Authorization header. The search itself works."""

import base64
import io
import pickle
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flows.checks.run import CheckPolicy
from playground.segment.state import random_text
from playground.slack.person import Person
from tests.scenario.hurried import restarted
from tests.scenario.logged import logged
from tests.scenario.story import (
    choose_plan,
    enter_token,
    let_data_arrive,
    minutes_pass,
    see,
    source_id,
    token,
    told,
    type_source_ids,
)
from tests.scenario.test_handoff_webhook import of_deliveries, scraped
from tests.scenario.test_write_back import NEW_KEY, enter, reach_offer, write_key
from tests.support.backend import restarted_with, toplyne_backend
from tests.support.leaks import database_files, find_leaks, spellings
from tests.support.wiretap import Heard
from tests.support.world import World, soon


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with logged() as stream:
        yield stream


@pytest.fixture
def quick() -> CheckPolicy:
    return CheckPolicy(deadline=0.6, longest=10.0, take_over=2.0, backoff=(0.3, 0.3, 0.3, 0.3))


async def walk_to_the_end(world: World, person: Person) -> None:
    """Walks from the sources to the receipt."""
    await type_source_ids(person, source_id(world, "acme", "Web app"))
    await person.submit()
    await see(person, "Web app: no Toplyne destination")
    let_data_arrive(world, "acme", "Web app")
    await minutes_pass(world, 10)
    await person.click("Check again")
    await see(person, "events delivered")
    for _ in range(2):
        await person.submit()
    await person.click("I’ve sent it to Segment")
    await see(person, "reported by")
    await person.click("It’s finished")
    await see(person, "Shall I keep watching")


def is_refused(person: Person) -> bool:
    """Said at the field, or above the form if the check took longer than an acknowledgement."""
    assert person.modal
    kinds = [block["type"] for block in person.modal.blocks]
    return bool(person.modal.errors) or "alert" in kinds


async def test_j1_with_errors_and_late_checks_leaves_no_token_anywhere(
    log: io.StringIO, a_world: World, ada: Person, mira: Person, quick: CheckPolicy
) -> None:
    await restarted(a_world, quick)
    refused, good = "sgp_" + random_text(64), token(a_world, "acme")
    old, member = token(a_world, "acme", "config-api"), token(a_world, "acme", "member")
    await choose_plan(ada, "Business")
    for wrong in (refused, old, f"{good} {refused}"):
        await enter_token(ada, wrong)
        await ada.wait_for(lambda: is_refused(ada))
    a_world.segment.set_weather("slow", 0.8)
    await enter_token(ada, good)
    await see(ada, "Acme Inc is connected")
    a_world.segment.set_weather("fine")
    await type_source_ids(ada, member)
    await ada.submit()
    await ada.wait_for(lambda: is_refused(ada))
    await walk_to_the_end(a_world, ada)
    await told(mira, "finished, with history", "#customers")
    await a_world.stop_bot()  # what was only in memory or in the write-ahead log is in the file
    assert find_leaks(a_world, [refused, good, old, member], log.getvalue()) == []
    assert good in {heard.bearer for heard in a_world.to_segment}
    assert '"event": "started"' in log.getvalue()  # it is the log


async def test_a_check_that_waits_for_segment_keeps_its_token_sealed(
    log: io.StringIO, a_world: World, ada: Person
) -> None:
    await restarted(a_world, CheckPolicy(deadline=1.5, backoff=(300.0,)))
    good = token(a_world, "acme")
    await choose_plan(ada, "Business")
    a_world.segment.set_weather("html")
    await enter_token(ada, good)
    await see(ada, "What you entered is kept, and I try again by myself")
    assert find_leaks(a_world, [good], log.getvalue()) == []
    await a_world.stop_bot()
    assert find_leaks(a_world, [good], log.getvalue()) == []


async def test_what_is_handed_over_stands_nowhere_else(
    log: io.StringIO, a_world: World, ada: Person, tmp_path: Path
) -> None:
    keys = [write_key(a_world, "acme", slug) for slug in ("billing-events", "backend")]
    async with toplyne_backend(tmp_path) as backend:
        secrets = [token(a_world, "acme"), *keys, backend.told["secret"]]
        await restarted_with(a_world, backend)
        await reach_offer(a_world, ada)
        await ada.click("Show me how")
        await see(ada, "Make the source in Segment")
        await enter(ada, keys[0])
        (given,) = await backend.given("write_key.provided")
        assert given["opened"]["write_key"] == keys[0]
        sent = [one["body"] for one in await backend.seen()]
        await backend.kill()
        await enter(ada, keys[1], NEW_KEY)  # this one waits
        await soon(lambda: of_deliveries(a_world, "error")[-1])
        told_to_others = "".join([*sent, await scraped(a_world)])
        await a_world.stop_bot()
    assert find_leaks(a_world, secrets, log.getvalue()) == []
    forms = {form for secret in secrets for form in spellings(secret)}
    assert not [form for form in forms if form in told_to_others.encode()]
    assert "pending" in of_deliveries(a_world, "state")


@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (lambda s: s, "plain"),
        (lambda s: base64.b64encode(pickle.dumps({"args": (s,)})).decode(), "pickled"),
        (lambda s: base64.b64encode(b"x" + s.encode() + b"y").decode(), "base64"),
        (lambda s: s.encode().hex(), "hex"),
        (lambda s: s[::-1], "reversed"),
        (lambda s: base64.b64encode(base64.b64encode(s.encode())).decode(), "twice base64"),
    ],
)
async def test_a_secret_planted_in_the_database_is_found(
    a_world: World, plant: object, place: str
) -> None:
    assert callable(plant)
    secret = "sgp_" + random_text(64)
    await a_world.stop_bot()
    assert find_leaks(a_world, [secret]) == []
    with closing(sqlite3.connect(database_files(a_world)[0])) as connection:
        connection.execute("CREATE TABLE planted (text TEXT)")
        connection.execute("INSERT INTO planted VALUES (?)", (plant(secret),))
        connection.commit()
    assert "planted.text" in find_leaks(a_world, [secret]), place
    await a_world.start_bot()


async def test_a_secret_in_the_write_ahead_log_is_found(a_world: World) -> None:
    secret = "sgp_" + random_text(64)
    path = database_files(a_world)[0]
    await a_world.stop_bot()  # it could hold the lock of a writer
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE planted (text TEXT)")
        connection.execute("INSERT INTO planted VALUES (?)", (secret,))
        connection.commit()
        assert f"{path.name}-wal" in find_leaks(a_world, [secret])
    await a_world.start_bot()


async def test_a_secret_in_the_log_or_in_what_went_out_is_found(
    a_world: World, ada: Person
) -> None:
    secret = random_text(43) + "." + random_text(43)
    assert find_leaks(a_world, [secret], f"token={secret}") == ["the log"]
    a_world.to_segment.append(Heard(f"/segment/us/sources/{secret}", "", {}, ""))
    a_world.to_segment.append(Heard("/segment/us/", "", {}, secret))
    assert find_leaks(a_world, [secret]) == [f"Segment: /segment/us/sources/{secret}"]
    name = a_world.segment.workspace("acme").name
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    assert any("Slack:" in place for place in find_leaks(a_world, [name]))
