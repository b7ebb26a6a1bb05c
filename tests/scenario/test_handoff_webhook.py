"""Toplyne's backend, in a process of its own, receives what a set-up has for it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import running
from bot.settings import Settings
from playground.slack.person import Person
from storage.cipher import generate_key
from tests.scenario.looking import card_says, rows, thread
from tests.scenario.posting import scraped
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    see,
    token,
    told,
)
from tests.scenario.test_j3_free import SLUG
from tests.support.backend import ToplyneBackend, restarted_with, toplyne_backend
from tests.support.world import World, soon

CREDENTIALS, WITHDRAWN = "credentials.provided", "credentials.withdrawn"
REPLAY = "replay.requested"
TO_TOPLYNE = "given once to Toplyne"


@pytest.fixture
async def backend(
    a_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ToplyneBackend]:
    monkeypatch.setattr("storage.repositories.deliveries.SETTLES", timedelta(seconds=0.2))
    async with toplyne_backend(tmp_path) as running:
        await restarted_with(a_world, running)
        yield running
        await a_world.stop_bot()


async def connect(world: World, person: Person) -> str:
    """A verified token; returns it."""
    secret = token(world, "acme")
    await choose_plan(person, "Business")
    await see(person, TO_TOPLYNE)
    await enter_token(person, secret)
    await see(person, "Which sources feed Toplyne?")
    return secret


async def replace_token(world: World, person: Person, label: str) -> str:
    secret = token(world, "acme", label)
    await person.click("Back")
    await see(person, "New access token")
    person.fill("New access token, only to replace the one in use", secret)
    await person.submit()
    return secret


async def test_a_verified_token_is_given_once_and_again_when_it_is_replaced(
    a_world: World, ada: Person, mira: Person, backend: ToplyneBackend
) -> None:
    secret = await connect(a_world, ada)
    (given,) = await backend.given(CREDENTIALS)
    assert given["opened"]["access_token"] == secret
    event = given["event"]
    assert event["version"] == 1
    assert event["id"] == given["id"]
    assert event["data"]["workspace"]["slug"] == "acme"
    assert event["data"]["integration_id"] == given["opened"]["integration_id"]
    assert secret not in given["body"]
    await told(mira, "Toplyne’s backend has taken the access token.", "#customers")

    second = await replace_token(a_world, ada, "member")
    _, again = await backend.given(CREDENTIALS, 2)
    assert again["opened"]["access_token"] == second
    assert again["id"] != given["id"]
    await choose_sources(ada, "Web app")  # this step does not send it again
    await see(ada, "Is your data arriving?")
    assert len(await backend.seen()) == 2


async def test_who_leaves_takes_it_back(
    a_world: World, ada: Person, backend: ToplyneBackend
) -> None:
    await connect(a_world, ada)
    (given,) = await backend.given(CREDENTIALS)
    await soon(lambda: "delivered" in of_deliveries(a_world, "state"))
    await ada.close()
    await ada.command("/segment disconnect")
    await see(ada, "Disconnect")
    await ada.submit()
    (withdrawn,) = await backend.given(WITHDRAWN)
    assert withdrawn["event"]["data"]["withdrawn"] == ["access_token"]
    data, before = withdrawn["event"]["data"], given["event"]["data"]
    assert data["integration_id"] == before["integration_id"]
    assert rows(a_world, "vault") == 0


async def test_who_leaves_through_a_process_without_webhook_takes_it_back_too(
    a_world: World, ada: Person, backend: ToplyneBackend
) -> None:
    """It waits for a process that has the setting."""
    await connect(a_world, ada)
    await soon(lambda: "delivered" in of_deliveries(a_world, "state"))
    await ada.close()
    await a_world.stop_bot()
    for name in backend.settings:
        del a_world.settings[name]
    await a_world.start_bot(worker=False)
    await ada.command("/segment disconnect")
    await see(ada, "It is told at once")
    await ada.submit()
    await soon(lambda: rows(a_world, "vault") == 0)
    await restarted_with(a_world, backend)
    (withdrawn,) = await backend.given(WITHDRAWN)
    assert withdrawn["event"]["data"]["withdrawn"] == ["access_token"]


async def test_what_was_not_given_yet_is_never_given(
    a_world: World, ada: Person, backend: ToplyneBackend
) -> None:
    await backend.kill()
    await connect(a_world, ada)
    await soon(lambda: any(of_deliveries(a_world, "attempts")))
    await ada.close()
    await ada.command("/segment disconnect")
    await see(ada, "Disconnect")
    await ada.submit()
    await soon(lambda: "withdrawn" in of_deliveries(a_world, "state"))
    await backend.start()
    seen = [one["event"]["type"] for one in await backend.given(WITHDRAWN)]
    assert seen == [WITHDRAWN]  # an attempt without an answer may have arrived all the same


async def test_free_credentials_wait_for_a_csm(
    a_world: World, ada: Person, mira: Person, backend: ToplyneBackend
) -> None:
    secret = token(a_world, "corner-shop")
    await choose_plan(ada, "Free")
    await see(ada, TO_TOPLYNE)
    ada.fill(SLUG, "corner-shop")
    ada.fill("Access token", secret)
    await ada.submit()
    await see(ada, "not verified")
    card = await told(mira, "confirm or reject it", "#customers")
    assert await backend.seen() == []
    await mira.click("Confirm", message=card)
    (given,) = await backend.given(CREDENTIALS)
    assert given["opened"]["access_token"] == secret
    assert given["event"]["data"]["verification"] == "confirmed"


async def test_without_a_key_nobody_gets_it_and_the_screen_says_so(
    a_world: World, ada: Person, backend: ToplyneBackend
) -> None:
    await restarted_with(a_world, backend, toplyne_public_key=None)
    await choose_plan(ada, "Business")
    await see(ada, "given to nobody")
    assert TO_TOPLYNE not in ada.modal.text
    # The key is set while the screen still says that nobody receives the token.
    await restarted_with(a_world, backend)
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Which sources feed Toplyne?")
    await ada.click("Back")
    await see(ada, TO_TOPLYNE)
    assert rows(a_world, "deliveries") == 0
    await ada.submit()  # keeping the token sends it to nobody either
    await see(ada, "Which sources feed Toplyne?")
    assert rows(a_world, "deliveries") == 0


async def test_trouble_is_told_and_ends_with_one_delivery(
    a_world: World, ada: Person, mira: Person, backend: ToplyneBackend
) -> None:
    await backend.plan(
        {"status": 500}, {"cut": True}, {"status": 429, "retry_after": "1"}, {"status": 200}
    )
    secret = await connect(a_world, ada)
    tries = await backend.given(CREDENTIALS, 2)
    await told(mira, "has not taken the access token yet: it cannot be reached.", "#customers")
    await backend.kill()
    await backend.start()
    (taken,) = await backend.given(CREDENTIALS)
    assert {one["id"] for one in tries} == {taken["id"]}
    assert taken["opened"]["access_token"] == secret
    await told(mira, "Toplyne’s backend has taken the access token.", "#customers")
    metrics = await scraped(a_world)
    assert 'bot_handoffs_total{kind="credentials",outcome="delivered"} 1.0' in metrics
    assert 'bot_handoff_deliveries{kind="credentials",state="pending"} 0.0' in metrics
    assert secret not in metrics


async def test_a_worker_that_lacks_the_key_leaves_the_token_to_one_that_has_it(
    a_world: World, ada: Person, mira: Person, backend: ToplyneBackend
) -> None:
    """As when a new key is put in front at once, and the front begins."""
    before = Settings(_env_file=None, **a_world.settings)
    keys = generate_key().get_secret_value(), a_world.settings["encryption_keys"]
    await a_world.stop_bot()
    a_world.settings["encryption_keys"] = ",".join(keys)
    await a_world.start_bot(worker=False)
    async with running(before, worker=True):
        secret = await connect(a_world, ada)
        why = "has not taken the access token yet: this bot lacks the encryption key"
        await told(mira, why, "#customers")
    assert [*of_deliveries(a_world, "state"), *of_deliveries(a_world, "error")] == [
        "pending",
        "secret_lost",
    ]
    assert await backend.seen() == []
    await a_world.stop_bot()
    await a_world.start_bot()
    (given,) = await backend.given(CREDENTIALS)
    assert given["opened"]["access_token"] == secret
    await told(mira, "Toplyne’s backend has taken the access token.", "#customers")


async def test_whom_it_redirects_to_gets_nothing_and_gone_is_the_end(
    a_world: World, ada: Person, mira: Person, backend: ToplyneBackend
) -> None:
    await backend.plan({"status": 307, "location": "/elsewhere"}, {"status": 410})
    await connect(a_world, ada)
    await told(mira, "never took the access token: it answered 410.", "#customers")
    assert len(await backend.seen()) == 2
    assert of_deliveries(a_world, "state") == ["dead"]
    assert 'kind="credentials",state="dead"} 1.0' in await scraped(a_world)


async def test_the_replay_request_is_handed_over(
    a_world: World, ada: Person, mira: Person, backend: ToplyneBackend
) -> None:
    await connect(a_world, ada)
    await choose_sources(ada, "Web app")
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    for _ in range(2):
        await ada.submit()
    (given,) = await backend.given(REPLAY)
    assert given["event"]["data"]["request"]["number"] == 1
    await told(mira, "Toplyne’s backend has taken Replay request 1.", "#customers")
    await card_says(mira, "the access token taken", "Replay request 1 taken")
    assert not [line for line in thread(mira) if "not taken" in line]


def of_deliveries(world: World, column: str) -> list[object]:
    """This column of all deliveries, oldest first."""
    with closing(sqlite3.connect(world.database_url.removeprefix("sqlite:///"))) as database:
        rows = database.execute(f"SELECT {column} FROM deliveries ORDER BY id")
        return [value for (value,) in rows]
