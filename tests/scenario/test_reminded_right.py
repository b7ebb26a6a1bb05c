"""J7: reminders name one time, reach somebody who may do the step, and end with a CSM."""

from playground.slack.person import Person
from tests.scenario.looking import card_says, thread
from tests.scenario.passing import days_pass, reminders
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_replay,
    see,
    token,
)
from tests.support.world import World


async def test_a_reminder_names_one_time(a_world: World, ada: Person) -> None:
    await reach_replay(a_world, ada)
    await ada.close(everything=True)
    await days_pass(a_world, 3, hours=4)
    (reminder,) = reminders(ada)
    said = reminder.visible_text
    assert "Next: prepare the request for the Replay; it takes about 1 minute." in said
    assert said.count("it takes") == 1

    await ada.click("Prepare the request", message=reminder)
    await see(ada, "word for word")
    await ada.submit()
    await see(ada, "Sent to Segment: not reported yet")


async def board(mira: Person) -> str:
    if mira.modals:
        await mira.close(everything=True)
    await mira.command("/segment-csm")
    return (await see(mira, "in progress")).text


def calls(mira: Person) -> list[str]:
    return [line for line in thread(mira) if "@channel" in line]


async def test_whoever_is_stuck_again_is_called_about_again(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close(everything=True)
    await days_pass(a_world, 19, hours=4)
    assert len(calls(mira)) == 1

    await ada.command("/segment")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, SOURCES)
    await ada.close(everything=True)
    assert "0 stuck" in await board(mira)
    await days_pass(a_world, 28, hours=4)  # nobody is reminded around New Year
    assert sum(line.startswith("Stuck") for line in thread(mira)) == 2
    first, second = calls(mira)
    assert first != second, "they name different days"
    assert "1 stuck" in await board(mira)

    await ada.command("/segment")
    await choose_sources(ada, "Web app")
    await see(ada, "no Toplyne destination")
    await card_says(mira, "no Toplyne destination on Web app")
    assert "0 stuck" in await board(mira)


async def test_after_eight_reminders_a_csm_is_told_instead(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close(everything=True)
    await days_pass(a_world, 30, hours=4)
    await ada.command("/segment")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, SOURCES)
    await ada.close(everything=True)
    await days_pass(a_world, 30, hours=4)
    assert len(reminders(ada)) == 8
    await ada.command("/segment")
    await choose_sources(ada, "Web app")
    await see(ada, "no Toplyne destination")
    await ada.close(everything=True)
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Reminders: none is planned" in ada.home.text)
    assert "0 stuck" in await board(mira)

    await days_pass(a_world, 7, hours=4)
    assert len(reminders(ada)) == 8
    assert thread(mira)[-2].startswith(
        "Stuck, and no more reminders come about it: no Toplyne destination"
    )
    assert "@channel" in thread(mira)[-1]
    await card_says(mira, "no more reminders come about this", "Next: write to ada")
    assert "1 stuck" in await board(mira)
    await days_pass(a_world, 20, hours=4)
    assert sum(line.startswith("Stuck") for line in thread(mira)) == 3, "once"

    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.command("/segment")
    await see(ada, "no Toplyne destination")
    await ada.click("Check again")
    await see(ada, "events delivered")
    await card_says(mira, "Replay not requested yet")
    assert "0 stuck" in await board(mira)
