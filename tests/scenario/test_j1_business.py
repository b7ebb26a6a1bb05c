"""J1: a customer on Business goes from `/segment` to a finished Replay without trouble."""

from playground.slack.person import Person
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    reach_replay,
    see,
    source_id,
    token,
    told,
)
from tests.support.world import World, soon


async def test_from_the_first_command_to_the_receipt(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    assert "Create an access token in Segment" in ada.modal.text
    secret = token(a_world, "acme")
    await enter_token(ada, secret)
    assert "Acme Inc is connected" in ada.modal.text
    assert secret not in ada.modal.text
    await choose_sources(ada, "Web app", "Backend")
    assert "Web app: no Toplyne destination" in ada.modal.text
    assert "Connections → Catalog" in ada.modal.text

    web = source_id(a_world, "acme", "Web app")
    a_world.segment.connect_destination(web)
    await ada.click("Check again")
    await see(ada, "Web app: the Toplyne destination is switched off")
    a_world.segment.set_destination_enabled(web, True)
    await ada.click("Check again")
    await see(ada, "Web app: connected, waiting for the first events")
    a_world.segment.send_events(web, 5960)
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving", "events delivered")
    await told(ada, "The first events of Web app have reached Toplyne")
    await told(mira, "Live sync started with Web app", "#customers")

    await ada.submit()
    assert ada.modal.title == "Replay request"
    assert "Left out, because no event of it has reached Toplyne yet: Backend" in ada.modal.text
    assert "Start (UTC): 2025" in ada.modal.text or "Start (UTC)" in ada.modal.text
    assert web in ada.modal.text
    await ada.submit()
    request = await told(ada, "Source ID: " + web)
    assert "Workspace slug: acme" in request.visible_text
    assert source_id(a_world, "acme", "Backend") not in request.visible_text

    await ada.click("I’ve sent it to Segment")
    await see(ada, "reported by @Ada Okafor")
    await ada.click("It’s running")
    await see(ada, "Segment is running the Replay")
    await ada.click("It’s finished")
    await see(ada, "Shall I keep watching")
    await told(ada, "The Replay for Acme Inc has finished")  # the same message, redrawn
    assert not [m for m in ada.messages() if "Source ID: " + web in m.visible_text]
    card = await told(mira, "finished, with history", "#customers")
    assert "Acme Inc" in card.visible_text


async def test_the_app_notices_the_first_event_by_itself(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 25 * 60)
    first = await told(ada, "The first events of Web app have reached Toplyne")
    await told(mira, "Live sync started with Web app", "#customers")
    await ada.click("Prepare the request", message=first)
    assert ada.modal.title == "Replay request"


async def test_one_card_is_edited_in_place_and_its_thread_tells_the_story(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_replay(a_world, ada)
    await told(mira, "Replay ready to be requested", "#customers")
    messages = mira.messages("#customers")
    cards = [m for m in messages if not m.thread_ts or m.thread_ts == m.ts]
    assert len(cards) == 1
    await soon(lambda: "History" in mira.messages("#customers")[0].visible_text)
    thread = [m.visible_text for m in messages if m not in cards]
    assert [line.split(" ")[0] for line in thread] == [
        "Installed",
        "Plan",
        "Credentials",
        "Sources",
        "Live",
        "Replay",
    ]
