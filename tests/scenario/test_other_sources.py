"""What becomes of a Replay request when somebody chooses other sources."""

from typing import Any

from playground.slack.person import Person
from tests.scenario.looking import answer, card_says
from tests.scenario.story import (
    SOURCES,
    choose_sources,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    source_id,
    told,
)
from tests.support.world import World

DAY = 24 * 60  # minutes
SENT = "I’ve sent it to Segment"


async def is_written(world: World, person: Person, *sources: str) -> None:
    """These sources deliver, and the request for their history is written and not sent."""
    await reach_live_sync(world, person, *sources)
    for each in sources:
        let_data_arrive(world, "acme", each)
    await minutes_pass(world, 10)
    await person.click("Check again")
    await see(person, *(f"{each}: arriving" for each in sources))
    await person.submit()
    await see(person, "word for word")
    await person.submit()
    await see(person, "Sent to Segment: not reported yet")
    await person.close(everything=True)


async def choose_others(world: World, person: Person, *sources: str) -> Any:
    """Returns the window that follows."""
    await person.open_home()
    await world.work_off()
    await person.click("Change the sources")
    await see(person, SOURCES)
    await choose_sources(person, *sources)
    window = await see(person, "Live sync", sources[0])
    await person.close(everything=True)
    await world.work_off()
    return window


def _end(window: Any) -> str:
    """Where the request that is shown ends."""
    return next(str(line) for line in window.text.splitlines() if line.startswith("End (UTC)"))


async def test_a_source_that_is_chosen_again_is_live_since_before(
    a_world: World, ada: Person, grace: Person
) -> None:
    """Segment has long forgotten when, and may be silent just then."""
    await reach_live_sync(a_world, ada, "Web app", "Backend")
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving")
    await ada.submit()
    began = _end(await see(ada, "word for word"))
    await ada.close(everything=True)
    news = await told(ada, "The first events of Web app")
    await choose_others(a_world, grace, "Backend")
    a_world.segment.set_destination_enabled(source_id(a_world, "acme", "Web app"), False)
    await minutes_pass(a_world, 45 * DAY)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await choose_others(a_world, grace, "Web app", "Backend")
    heard = [*ada.messages(), *grace.messages()]
    assert [m.ts for m in heard if "The first events of Web" in m.text] == [news.ts]
    assert not [m for m in heard if "switched off" in m.visible_text]
    await ada.command("/segment replay")
    assert _end(await see(ada, "word for word", "Source: Web app")) == began


async def test_an_unsent_request_that_asks_for_what_was_taken_out_is_prepared_anew(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await is_written(a_world, ada, "Web app", "Backend")
    await choose_others(a_world, grace, "Web app")
    letter = await told(ada, "out of date. It asks for the history of sources that are not chosen")
    assert "any more: Backend." in letter.visible_text
    assert "Source: Backend" not in letter.visible_text, "nothing to copy"
    assert letter.buttons[:2] == ["Prepare the request", SENT]
    await card_says(mira, "Replay not requested yet")
    await ada.command("/segment replay")
    await see(ada, "asks for the history of sources that are not chosen any more: Backend.")
    await see(ada, "word for word", "becomes version 2", "Source: Web app")
    assert "Source: Backend" not in ada.modal.text
    await ada.submit()
    await see(ada, "Request, version 2", "Sent to Segment: not reported yet")
    assert "Source: Backend" not in ada.modal.text
    await ada.click(SENT)
    await see(ada, "Sent to Segment: reported by")
    await card_says(mira, "sent to Segment, not running yet")


async def test_a_request_of_what_is_not_chosen_at_all_waits_for_live_sync(
    a_world: World, ada: Person, grace: Person
) -> None:
    await is_written(a_world, ada, "Web app")
    await choose_others(a_world, grace, "Backend")
    letter = await told(ada, "sources that are not chosen any more: Web app.")
    await ada.click("Prepare the request", message=letter)
    await see(ada, "connect Toplyne as a destination for Backend")
    await ada.close(everything=True)
    await choose_others(a_world, grace, "Web app", "Backend")
    await told(ada, "Source: Web app")


async def test_what_had_been_sent_before_it_was_out_of_date_is_said_all_the_same(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await is_written(a_world, ada, "Web app", "Backend")
    await choose_others(a_world, grace, "Web app")
    letter = await told(ada, "Have you sent it as it was?")
    await ada.click(SENT, message=letter)
    await told(ada, "was sent to Segment, as")
    await card_says(mira, "sent to Segment, not running yet")


async def runs(world: World, person: Person) -> None:
    """The Replay of Web app runs."""
    await is_written(world, person, "Web app")
    await person.click(SENT, message=await told(person, "ready to be sent to Segment"))
    await person.click("It’s running", message=await told(person, "was sent to Segment, as"))
    await told(person, "is running, as")


async def test_a_replay_that_runs_is_followed_while_other_sources_are_connected(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await runs(a_world, ada)
    await choose_others(a_world, grace, "Backend")
    await ada.command("/segment status")
    await a_world.work_off()
    status = answer(ada).visible_text
    assert "Live sync: → now. Backend is not connected" in status
    assert "History: waiting. Segment is running the Replay." in status
    await card_says(mira, "no Toplyne destination on Backend", "Replay: Replay running")
    await ada.command("/segment replay")
    window = await see(ada, "Request, version 1", "Segment is running the Replay.")
    assert window.submit_text == "It’s finished"
    await ada.submit()
    await see(ada, "Still open", "Backend is not connected to a Toplyne destination")
    await ada.click("Finish all the same")
    await see(ada, "with live data and history", "History: ✓ done", "Backend is not connected")
    await ada.close(everything=True)
    let_data_arrive(a_world, "acme", "Backend")
    await minutes_pass(a_world, 30)
    await card_says(mira, "finished, with history")


async def test_what_is_reported_of_a_replay_shows_while_other_sources_are_connected(
    a_world: World, ada: Person, grace: Person
) -> None:
    await is_written(a_world, ada, "Web app")
    await ada.click(SENT, message=await told(ada, "ready to be sent to Segment"))
    await choose_others(a_world, grace, "Backend")
    await ada.command("/segment replay")
    await see(ada, "Sent to Segment: reported by", "Running: not reported yet")
    await ada.click("It’s running")
    await see(ada, "Running: reported by", "Segment is running the Replay.")
