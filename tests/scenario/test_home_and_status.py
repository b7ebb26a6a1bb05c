"""`/segment status` and App Home show one person where the set-up stands."""

from playground.slack.person import Person
from tests.scenario.looking import answer, card_says
from tests.scenario.story import (
    choose_plan,
    let_data_arrive,
    minutes_pass,
    press_plan,
    reach_live_sync,
    reach_replay,
    see,
    token,
    told,
)
from tests.support.world import World


async def home(person: Person) -> None:
    """Opens Home and waits until it has been drawn."""
    await person.open_home()
    await person.wait_for(lambda: person.home)


async def home_says(person: Person, *texts: str) -> None:
    await person.wait_for(lambda: person.home and all(text in person.home.text for text in texts))


async def test_status_before_anything_was_answered(a_world: World, grace: Person) -> None:
    await grace.command("/segment status")
    status = answer(grace)
    assert status.is_ephemeral
    assert "Plan: → now" in status.visible_text
    assert status.buttons == ["Choose the plan"]
    await grace.click("Choose the plan", message=status)
    await see(grace, "Which Segment plan do you have?")


async def test_status_names_done_current_and_blocked_and_who(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await grace.command("/segment status", "#data")
    status = answer(grace, "#data")
    lines = status.visible_text.splitlines()
    assert lines[0].startswith("Plan: ✓ done by @Ada Okafor, ")
    assert lines[1].startswith("Credentials: ✓ done by @Ada Okafor, ")
    assert lines[2] == "Live sync: → now. Web app is not connected to a Toplyne destination."
    assert lines[3] == "History: later"
    assert "Next: connect Toplyne as a destination for Web app." in lines
    assert "Segment workspace Acme Inc, slug acme" in lines
    assert status.buttons == ["Show me how"]
    assert "Live sync: now" in status.text
    assert "The button “Show me how” is below" in status.text
    assert not [m for m in ada.messages("#data") if m.is_app], "only Grace sees it"
    await grace.click("Show me how", message=status)
    await see(grace, "Web app: no Toplyne destination")


async def test_status_says_when_somebody_else_must_act(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    await ada.click("I cannot create a token")
    await see(ada, "A person at Toplyne confirms")
    await ada.close()
    await ada.command("/segment status")
    status = answer(ada).visible_text
    assert "Credentials: waiting. Segment cannot check a Free workspace" in status
    assert "Segment workspace corner-shop\n" in status
    assert "Next: wait; I will message you" in status
    await card_says(mira, "confirm or reject it")
    await mira.click("Confirm")
    await told(ada, "Toplyne has confirmed")
    await ada.command("/segment status")
    assert "Credentials: ✓ done by @Ada Okafor" in answer(ada).visible_text
    assert "Live sync: waiting" in answer(ada).visible_text


async def test_status_and_home_at_each_stage_of_the_replay(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_replay(a_world, ada)
    await home(grace)
    await home_says(grace, "Waiting for you: prepare the request for the Replay\n")
    await ada.submit()
    await home_says(grace, "Waiting for you: send the request to Segment, then say so here")
    await ada.click("I’ve sent it to Segment")
    await home_says(grace, "The request is with Segment", "wait for Segment’s answer")
    await ada.click("It’s running")
    await home_says(grace, "Segment is running the Replay")
    await ada.click("It’s finished")
    await home_says(grace, "Segment is connected to Toplyne, with history")
    assert "History: ✓ done by @Ada Okafor" in grace.home.text
    assert "reported that the Replay has finished" in grace.home.text
    await grace.command("/segment status")
    assert answer(grace).buttons == ["See what is connected"]
    await grace.click("See what is connected", message=answer(grace))
    await see(grace, "Shall I keep watching")


async def test_home_before_and_after_the_first_answer(
    a_world: World, ada: Person, grace: Person
) -> None:
    await home(grace)
    assert grace.home.buttons[0] == "Choose the plan"
    await grace.click("Choose the plan")
    await see(grace, "What it takes")
    await press_plan(grace, "Business")
    await grace.close()
    await home_says(grace, "create an access token in Segment and enter it", "chose the plan")
    assert "Enter the token" in grace.home.buttons


async def test_home_is_redrawn_when_a_colleague_does_something(
    a_world: World, ada: Person, grace: Person
) -> None:
    await home(grace)
    await reach_live_sync(a_world, ada)
    await home_says(grace, "connect Toplyne as a destination for Web app", "Sources: Web app")
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 25 * 60)  # nobody presses anything: the app polls by itself
    await home_says(grace, "Waiting for you: prepare the request", "Live sync: ✓ done")
    await grace.click("Prepare the request")
    await see(grace, "Segment’s team runs the Replay by hand")


async def test_home_manages_token_sources_help_and_leaving(a_world: World, ada: Person) -> None:
    secret = token(a_world, "acme")
    await reach_live_sync(a_world, ada)
    await ada.close()
    await home(ada)
    await home_says(ada, "Access token for Acme Inc, entered by @Ada Okafor", "Sources: Web app")
    assert secret not in ada.home.text
    for button, shown in (
        ("Show me how", "Web app: no Toplyne destination"),
        ("Replace the token", "Acme Inc is connected"),
        ("Change the sources", "Which sources feed Toplyne?"),
        ("Ask for help", "What is the difficulty?"),
        ("Disconnect", "Disconnect Acme Inc from this app?"),
    ):
        await ada.click(button)
        await see(ada, shown)
        await ada.close()
    assert "What happened" in ada.home.text
