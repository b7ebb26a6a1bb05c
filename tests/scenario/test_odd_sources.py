"""One odd source or destination among others: it decides for none of them, on any screen."""

import pytest

from playground.slack.person import Person
from tests.scenario.looking import answer, card_says
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    source_id,
    token,
    told,
)
from tests.support.world import World, soon

WHY = {
    404: "Segment has no figures for it",
    403: "the access token may not read its figures",
    503: "Segment gave no answer about it that I can use",
}


@pytest.fixture
def other_settings() -> dict[str, str]:
    return {"poll_interval": "1s"}


@pytest.mark.parametrize("status", WHY)
async def test_a_source_without_an_answer_hides_no_other(
    a_world: World, ada: Person, mira: Person, status: int
) -> None:
    odd = a_world.segment.source(source_id(a_world, "acme", "Web app"))
    odd.odd.statuses = {"delivery": status}
    await ada.open_home()
    await reach_live_sync(a_world, ada, "Web app", "Backend")
    for name in ("Web app", "Backend"):
        let_data_arrive(a_world, "acme", name)
    await minutes_pass(a_world, 10)
    await told(ada, "The first events of Backend")
    await ada.click("Check again")
    await see(ada, "Backend: arriving", f"Web app: not known; {WHY[status]}")
    assert "Segment does not answer" not in ada.modal.text
    await ada.close()

    line = f"Not known about Web app: {WHY[status]}."
    await ada.wait_for(lambda: line in ada.home.text)
    await ada.command("/segment status")
    await soon(lambda: line in answer(ada).visible_text)
    await card_says(mira, line)

    odd.odd.statuses = {}
    await ada.wait_for(lambda: line not in ada.home.text)
    await ada.command("/segment")
    await see(ada, "Replay")


async def test_sources_that_begin_together_are_one_message(
    a_world: World, ada: Person, mira: Person
) -> None:
    names = ("Web app", "Backend", "iOS app")
    await reach_live_sync(a_world, ada, *names)
    await ada.close()
    for name in names:
        let_data_arrive(a_world, "acme", name)
    await minutes_pass(a_world, 10)
    await told(ada, "The first events of Web app, Backend, iOS app have reached Toplyne")
    await card_says(mira, "Replay")
    begun = [each for each in ada.messages() if "The first events of" in each.visible_text]
    assert len(begun) == 1
    await ada.click("Prepare the request", message=begun[0])
    await see(ada, "Web app", "Backend", "iOS app")


async def test_odd_records_and_a_source_listed_twice_stop_nobody(
    a_world: World, ada: Person
) -> None:
    workspace = a_world.segment.workspace("acme")
    for source, record in zip(
        workspace.sources,
        ({"writeKeys": None}, {"slug": None}, {"enabled": None}, {"id": None}),
        strict=False,
    ):
        source.odd.record, source.odd.times_listed = record, 2
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, SOURCES)
    await ada.close()
    await ada.command("/segment")
    await see(ada, SOURCES, "Web app", "Backend")


async def test_data_that_reaches_the_second_of_two_destinations_arrives(
    a_world: World, ada: Person
) -> None:
    await reach_live_sync(a_world, ada)
    web = source_id(a_world, "acme", "Web app")
    a_world.segment.connect_destination(web, enabled=True).failing = True
    a_world.segment.add_destination(web, enabled=True)
    a_world.segment.send_events(web, 30)
    await minutes_pass(a_world, 10)
    await see(ada, "Web app")
    await ada.click("Check again")
    await see(ada, "Web app: arriving, 30 events")
