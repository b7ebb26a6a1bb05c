"""J9: the board and its filters say what the cards and Home say, after the end too."""

from playground.slack.person import Person
from tests.scenario.looking import card_says
from tests.scenario.story import (
    PLAN,
    SOURCES,
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    reach_replay,
    see,
    token,
    told,
)
from tests.scenario.test_j8_csm_and_customer import REASON, card, line, more
from tests.support.world import World, soon

NO_CUSTOMERS = "You see each here as soon as they install the app"


async def finish(person: Person) -> None:
    """From the preview of the request to the end."""
    await person.submit()
    await see(person, "Sent to Segment: not reported yet")
    await person.click("I’ve sent it to Segment")
    await see(person, "Sent to Segment: reported by")
    await person.click("It’s finished")
    await see(person, "is connected to Toplyne, with live data and history")


async def board(csm: Person, world: World, action: str = "", choice: str = "") -> str:
    """What the board says with one filter."""
    await world.work_off()
    await csm.command("/segment-csm")
    await see(csm, "in progress")
    if action:
        await csm.fill(action, choice)
        await world.work_off()
    text: str = csm.modal.text
    await csm.close(everything=True)
    return text


async def send_sources_back(csm: Person) -> None:
    await more(csm, "Reject…")
    await see(csm, "What should the customer correct?")
    csm.fill(REASON, "The chosen sources")
    csm.fill("Reason", "Please add Backend")
    await csm.submit()


async def test_filters_find_whom_card_and_line_name(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_replay(a_world, ada)
    await finish(ada)
    await ada.close(everything=True)
    await card_says(mira, "finished, with history", "Waiting on: you")
    assert "Acme · finished" in await board(mira, a_world, "board_waiting", "You")
    assert "Acme · finished" in await board(mira, a_world, "board_stage", "Finished")
    assert "Acme ·" not in await board(mira, a_world, "board_stage", "History")
    await send_sources_back(mira)
    await card_says(mira, "Credentials · sources rejected", "Waiting on: the customer")
    both = "Acme · finished, but Credentials: sources rejected"
    for action, choice in (
        ("board_stage", "Credentials"), ("board_stage", "Finished"),
        ("board_waiting", "The customer"),
    ):  # fmt: skip
        assert both in await board(mira, a_world, action, choice), choice
    for action, choice in (("board_stage", "Live sync"), ("board_waiting", "You")):
        assert "Acme ·" not in await board(mira, a_world, action, choice), choice
    await ada.click("Correct it", message=await told(ada, "correct which sources you chose"))
    await see(ada, SOURCES)
    await choose_sources(ada, "Web app")
    await card_says(mira, "finished, with history")
    await mira.click("Toplyne has the history", message=card(mira))
    await card_says(mira, "Waiting on: nobody", "Next: nothing for you")
    assert "Acme ·" not in await board(mira, a_world, "board_waiting", "You")


async def test_who_has_begun_stands_on_the_board_as_on_the_card(
    a_world: World, ada: Person, mira: Person
) -> None:
    assert "Acme · installed, nothing typed yet" in await board(mira, a_world)
    for begins_again in (False, True):
        await ada.command("/segment")
        await see(ada, PLAN)
        await card_says(mira, "Plan · plan not chosen", "Waiting on: the customer")
        said = await board(mira, a_world, "board_stage", "Plan")
        assert "Acme · Plan: plan not chosen" in said
        assert "1 in progress" in said
        assert "Acme ·" not in await board(mira, a_world, "board_stage", "Not started yet")
        await choose_plan(ada, "Team")
        assert "Acme · Credentials: no access token yet" in await board(mira, a_world)
        if not begins_again:
            await ada.close(everything=True)
            await ada.command("/segment disconnect")
            await see(ada, "from this app?")
            await ada.submit()
            await ada.close(everything=True)


async def test_who_asks_after_the_farewell_is_on_the_board_until_the_answer(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.command("/segment disconnect")
    await see(ada, "Disconnect Acme")
    await ada.submit()
    await ada.close(everything=True)
    gone = await board(mira, a_world)
    assert NO_CUSTOMERS not in gone
    assert "choose the step “Left”" in gone
    await ada.command("/segment help")
    await ada.click("Ask for help")
    await see(ada, "What is the difficulty?")
    ada.fill("What is the difficulty?", "Segment still sends, can you stop it?")
    await ada.submit()
    await card_says(mira, "disconnected", "Next: answer ada", "Waiting on: you")
    for found in (
        await board(mira, a_world),
        await board(mira, a_world, "board_waiting", "You"),
        await board(mira, a_world, "board_stage", "Left"),
    ):
        assert "Acme · disconnected" in found
        assert "Ada asked for help" in found or "ada asked for help" in found
        assert "1 stuck" in found
    await mira.command("/segment-csm find acme")
    await see(mira, "Acme · disconnected")
    await mira.click("Answer")
    await see(mira, "The app sends this to ada")
    mira.fill("Message", "It is stopped now.")
    await mira.submit()
    await told(ada, "It is stopped now.")
    await line(mira, "mira wrote to ada:")
    await mira.close(everything=True)
    await card_says(mira, "disconnected", "Waiting on: nobody")
    assert "choose the step “Left”" in await board(mira, a_world)


async def test_what_is_left_open_after_the_end_is_on_the_card_too(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_replay(a_world, ada)
    await finish(ada)
    await ada.close(everything=True)
    await card_says(mira, "finished, with history")
    await mira.click("Toplyne has the history", message=card(mira))
    await ada.open_home()
    await a_world.work_off()
    await ada.click("Change the sources")
    await see(ada, SOURCES)
    await choose_sources(ada, "Web app", "Backend")
    await ada.close(everything=True)
    await card_says(
        mira, "finished, with history", "Waiting on: nobody", "no reminders come about it",
        "Left open by the customer: no Toplyne destination on Backend",
    )  # fmt: skip
    assert "Acme · finished" not in await board(mira, a_world, "board_waiting", "The customer")
    await home_says(a_world, ada, "Still open: connect Toplyne as a destination for Backend")
    let_data_arrive(a_world, "acme", "Backend")
    await minutes_pass(a_world, 60)
    await card_says(mira, "Left open by the customer: history of Backend not requested")
    await home_says(a_world, ada, "Still open: request the history of Backend")


async def home_says(world: World, person: Person, text: str) -> None:
    await person.open_home()
    await world.work_off()
    await soon(lambda: text in person.home.text)


async def test_what_nobody_watches_any_more_is_not_called_open(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada, "Web app", "Backend")
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving")
    await ada.submit()
    await see(ada, "word for word")
    await finish(ada)
    await card_says(mira, "Left open by the customer: no Toplyne destination on Backend")
    await ada.click("Delete the token now")
    await see(ada, "Delete the access token here now?")
    await ada.submit()
    await ada.close(everything=True)
    await mira.click("Toplyne has the history", message=card(mira))
    await card_says(mira, "Waiting on: nobody", "deleted, so nothing is watched")
    assert "Left open" not in card(mira).visible_text
    await home_says(a_world, ada, "live data and history")
    assert "Still open" not in ada.home.text
    assert "destination of Backend" not in ada.home.text
    assert "check in Segment whether data of Backend reaches Toplyne" in ada.home.text
    await ada.click("See what is connected")
    await see(ada, "no event had arrived when the token was deleted")
    await ada.click("Enter a token")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Still open", "Backend is not connected to a Toplyne destination")
    await ada.close(everything=True)
    await card_says(mira, "Left open by the customer: no Toplyne destination on Backend")
    await home_says(a_world, ada, "Still open: connect Toplyne as a destination for Backend")
