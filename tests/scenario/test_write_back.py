"""The optional step after live sync: Toplyne writes scores back to Segment."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from playground.segment.state import random_text
from playground.slack.person import Person
from tests.scenario.hurried import QUICK, restarted
from tests.scenario.looking import card_says, rows
from tests.scenario.story import (
    SOURCES,
    choose_sources,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    reach_replay,
    see,
    source_id,
    token,
    told,
)
from tests.scenario.test_j3_free import reach_arrival
from tests.support.backend import public_jwk, restarted_with, toplyne_backend
from tests.support.world import World

KEY = "Write key"
NEW_KEY = "New write key, only to replace the one in use"
OFFER = "let Toplyne write scores back to Segment"


def write_key(world: World, workspace: str, slug: str) -> str:
    sources = world.segment.workspace(workspace).sources
    return str(next(source for source in sources if source.slug == slug).write_keys[0])


async def takes_keys(world: World) -> None:
    """Restarts the bot with a key of Toplyne's, without which no write key is collected."""
    if not world.settings.get("toplyne_public_key"):
        world.settings["toplyne_public_key"] = public_jwk()
        await world.stop_bot()
        await world.start_bot()


async def reach_offer(world: World, person: Person) -> None:
    """The receipt, after a Replay."""
    await takes_keys(world)
    await reach_replay(world, person)
    assert OFFER not in person.modal.text
    await person.submit()
    await person.click("I’ve sent it to Segment")
    await see(person, "It’s running")
    await person.click("It’s finished")
    await see(person, "Shall I keep watching", OFFER)


async def enter(person: Person, key: str, label: str = KEY) -> None:
    person.fill(label, key)
    await person.submit()


async def refused(person: Person, key: str, *texts: str) -> None:
    await enter(person, key)
    assert person.modal
    (message,) = person.modal.errors.values()
    assert all(text in message for text in texts), message
    assert key not in message


async def a_minute_passes(world: World) -> None:
    """For the limit of tries, which is on real time."""
    async with world.asgi.state.bot.engine.begin() as connection:
        await connection.execute(sa.text("DELETE FROM credential_tries"))


async def test_each_wrong_thing_is_named_and_the_right_key_ends_it(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_offer(a_world, ada)
    await ada.click("Show me how")
    await see(ada, "Make the source in Segment", "HTTP API", "It is given to Toplyne, once")
    await refused(ada, token(a_world, "acme"), "an access token, not a write key")
    await refused(ada, source_id(a_world, "acme", "Backend"), "the ID of Backend")
    await refused(ada, write_key(a_world, "acme", "web-app"), "Web app, which Toplyne reads")
    await a_minute_passes(a_world)
    await refused(ada, write_key(a_world, "acme", "old-site"), "Old site, which is switched off")
    await refused(ada, write_key(a_world, "globex", "store-001"), "another workspace", "Acme Inc")
    await refused(ada, random_text(32), "Segment knows no source with this write key")
    await a_minute_passes(a_world)
    calls = len(a_world.to_segment)
    key = write_key(a_world, "acme", "billing-events")
    await enter(ada, f"  {key} ")
    await see(ada, "Toplyne can write to billing-events")
    assert key not in " ".join(heard.path for heard in a_world.to_segment[calls:])
    assert key not in ada.modal.text
    assert rows(a_world, "write_keys") == 1
    card = await card_says(mira, "Scores back to Segment: to billing-events, set up by ada")
    assert key not in card.visible_text
    await told(mira, "Write key for scores back to Segment entered by ada.", "#customers")
    await ada.submit()  # the set-up continues
    await see(ada, "Shall I keep watching")


async def test_not_now_is_noted_and_it_can_be_done_later(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_offer(a_world, ada)
    await ada.click("Show me how")
    await see(ada, "Not now")
    await ada.click("Not now")
    await card_says(mira, "Scores back to Segment: not wanted for now, said ada")
    await see(ada, "Shall I keep watching")
    await ada.close()
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and OFFER in ada.home.text)
    await ada.click("Show me how")
    await see(ada, "Make the source in Segment")
    await enter(ada, write_key(a_world, "acme", "backend"))
    await see(ada, "Toplyne can write to Backend", "not of the type HTTP API")
    await ada.close()
    await ada.wait_for(lambda: "Scores back to Segment: to Backend" in ada.home.text)
    await ada.command("/segment disconnect")
    await see(ada, "any write key")
    await ada.submit()
    await told(ada, "Segment is disconnected")
    assert rows(a_world, "write_keys") == 0


async def test_on_free_segments_own_address_tells(
    a_world: World, ada: Person, mira: Person
) -> None:
    await takes_keys(a_world)
    await reach_arrival(ada, mira)
    await ada.close()
    await mira.click("Data is arriving")
    arrived = await told(ada, "Toplyne sees your data arrive")
    await ada.click("Open the set-up", message=arrived)
    await see(ada, OFFER)
    await ada.click("Show me how")
    await see(ada, "Make the source in Segment")
    await refused(ada, random_text(32), "Segment knows no source")
    await enter(ada, write_key(a_world, "corner-shop", "website"))
    await see(ada, "Toplyne can write to your source")


async def test_segment_down_is_nobodys_mistake_and_the_key_is_kept(
    a_world: World, ada: Person
) -> None:
    await reach_offer(a_world, ada)
    await restarted(a_world, QUICK)
    await ada.click("Show me how")
    await see(ada, "Make the source in Segment")
    a_world.segment.set_weather("html")
    await enter(ada, write_key(a_world, "acme", "billing-events"))
    await see(ada, "What you entered is kept, and I try again by myself")
    await ada.close()
    a_world.segment.set_weather("fine")
    done = await told(ada, "Segment knows the write key of a source in Acme Inc. It is saved.")
    assert rows(a_world, "write_keys") == 1
    await ada.click("See what is connected", message=done)
    await see(ada, "Shall I keep watching")


async def test_no_write_key_is_collected_for_nobody(a_world: World, ada: Person) -> None:
    """Without a key of Toplyne's it could be given to nobody: no screen offers the step."""
    await reach_live_sync(a_world, ada)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    assert OFFER not in ada.modal.text
    await ada.close()
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Manage" in ada.home.text)
    assert "Scores back to Segment" not in ada.home.text


@pytest.mark.parametrize("kind", ["RSA", "EC"])
async def test_it_is_handed_over_like_the_token_and_taken_back(
    a_world: World,
    ada: Person,
    mira: Person,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("storage.repositories.deliveries.SETTLES", timedelta(seconds=0.2))
    async with toplyne_backend(tmp_path, kind) as backend:
        await restarted_with(a_world, backend)
        await reach_offer(a_world, ada)
        await ada.click("Show me how")
        await see(ada, "It is given to Toplyne, once, encrypted")
        key = write_key(a_world, "acme", "billing-events")
        await enter(ada, key)
        (given,) = await backend.given("write_key.provided")
        assert given["opened"]["write_key"] == key
        assert given["event"]["data"]["source"]["slug"] == "billing-events"
        await card_says(mira, "the write key taken")
        await ada.close()
        await ada.command("/segment disconnect")
        await see(ada, "Toplyne was given a copy, encrypted.")
        await ada.submit()
        (withdrawn,) = await backend.given("credentials.withdrawn")
        assert withdrawn["event"]["data"]["withdrawn"] == ["access_token", "write_key"]
        await a_world.stop_bot()


async def test_what_toplyne_writes_to_is_not_read_too(a_world: World, ada: Person) -> None:
    await reach_offer(a_world, ada)
    await ada.click("Show me how")
    await enter(ada, write_key(a_world, "acme", "billing-events"))
    await see(ada, "Toplyne can write to billing-events")
    await ada.close(everything=True)
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Change the sources" in ada.home.buttons)
    await ada.click("Change the sources")
    await see(ada, SOURCES)
    await choose_sources(ada, "Web app", "billing-events")
    (message,) = ada.modal.errors.values()
    assert "writes scores to billing-events" in message
    assert "Leave billing-events out" in message
    await choose_sources(ada, "Web app", "Backend")
    await see(ada, "Backend: no Toplyne destination")
