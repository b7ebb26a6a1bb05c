"""A finish says what is open, source by source; live sync says what stopped, and since when."""

from playground.slack.person import Person
from tests.scenario.looking import answer, card_says
from tests.scenario.story import (
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    source_id,
    told,
)
from tests.scenario.test_j8_csm_and_customer import card, report, requested
from tests.support.world import World


async def _web_delivers(world: World, ada: Person, *names: str) -> None:
    await reach_live_sync(world, ada, *names)
    let_data_arrive(world, "acme", "Web app")
    await minutes_pass(world, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving")


async def test_a_finish_names_what_is_open_with_its_button(
    a_world: World, ada: Person, mira: Person
) -> None:
    await _web_delivers(a_world, ada, "Web app", "Backend")
    for _ in range(2):  # the preview, the text
        await ada.submit()
    await see(ada, "Sent to Segment: not reported yet")
    await ada.click("Ask for help")
    await see(ada, "What is the difficulty?")
    ada.fill("What is the difficulty?", "How long does it take?")
    await ada.submit()
    await ada.close(everything=True)
    await ada.command("/segment")
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await ada.click("It’s finished")
    await see(
        ada,
        "Still open",
        "Backend is not connected to a Toplyne destination.",
        "@Ada Okafor asked Toplyne something, and nobody has answered yet.",
        "Toplyne has not confirmed yet that the history of Web app has arrived.",
    )
    await ada.close(everything=True)
    summary = await told(ada, "Segment is connected to Toplyne, with live data and history.")
    assert "Next: connect Toplyne as a destination for Backend." in summary.visible_text
    assert "everything is done" not in summary.visible_text
    assert "Show me how" in summary.buttons
    card = await card_says(mira, "Toplyne has the history")
    still = "still open: no Toplyne destination on Backend; ada waits for an answer;"
    await told(mira, still, "#customers")
    await mira.click("Toplyne has the history", message=card)
    news = await told(ada, "Toplyne has the history of Acme Inc: the Replay has finished.")
    assert news
    await ada.command("/segment")
    await see(ada, "Still open", "Backend is not connected")
    assert "has not confirmed" not in ada.modal.text
    await ada.click("Show me how")
    await see(ada, "Backend: no Toplyne destination")


async def test_who_answered_toplyne_is_not_said_to_have_asked(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.close(everything=True)
    await mira.click("Message the customer", message=card(mira))
    await see(mira, "direct message")
    mira.fill("Message", "Do you need billing-events at all?")
    await mira.submit()
    await ada.click("Reply", message=await told(ada, "Do you need billing-events at all?"))
    await see(ada, "Toplyne’s team reads your answer")
    ada.fill("Answer", "No, leave it out please")
    await ada.submit()
    await card_says(mira, "Next: answer ada, who wrote back")
    await ada.close(everything=True)
    await report(mira, "Finished, as Segment says")
    await told(mira, "still open: ada waits for an answer", "#customers")
    await ada.command("/segment")
    await see(ada, "Still open", "@Ada Okafor wrote to Toplyne, and nobody has answered yet.")
    await mira.click("Answer", message=await told(mira, "ada answers:", "#customers"))
    await see(mira, "direct message")
    mira.fill("Message", "Done.")
    await mira.submit()
    await told(ada, "Done.")
    await ada.close(everything=True)
    await ada.command("/segment")
    await see(ada, "has not confirmed yet that the history")
    assert "nobody has answered" not in ada.modal.text


async def test_what_stopped_is_said_at_the_top_and_check_again_is_the_main_button(
    a_world: World, ada: Person
) -> None:
    await _web_delivers(a_world, ada)
    await see(ada, "Live sync has started")
    a_world.segment.set_destination_enabled(source_id(a_world, "acme", "Web app"), False)
    await ada.click("Check again")
    await see(ada, "No data reaches Toplyne any more, since", "Live sync: not working since")
    assert "Live sync has started" not in ada.modal.text
    assert ada.modal.submit_text == "Check again", "no green Continue"
    await ada.command("/segment status")
    assert "not working since" in answer(ada).visible_text
    a_world.segment.set_destination_enabled(source_id(a_world, "acme", "Web app"), True)
    await ada.click("Check again")
    await see(ada, "Live sync has started")
