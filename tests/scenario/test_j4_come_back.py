"""J4: a person comes back later or elsewhere, or a colleague does, and the set-up continues."""

from playground.slack.person import Person
from tests.scenario.looking import answer, card_says, decisions, everything_shown, rows
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    press_plan,
    reach_live_sync,
    reach_replay,
    see,
    source_id,
    token,
    told,
)
from tests.support.world import World

NEW_TOKEN = "New access token, only to replace the one in use"
SOURCES = "Which sources feed Toplyne?"


async def test_another_channel_resumes_at_the_same_screen(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await ada.close()
    await ada.command("/segment", "#data")
    await see(ada, "Create an access token in Segment")
    await enter_token(ada, token(a_world, "acme"))
    await ada.close(everything=True)
    await ada.command("/segment", "#general")
    await see(ada, SOURCES)
    await choose_sources(ada, "Web app")
    await ada.close()
    await ada.command("/segment", "#data")
    await see(ada, "Web app: no Toplyne destination")


async def test_a_restart_of_the_bot_loses_nothing(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await a_world.stop_bot()
    await a_world.start_bot()
    # The modal that stayed open still works.
    await choose_sources(ada, "Web app")
    assert "Web app: no Toplyne destination" in ada.modal.text
    await ada.close()
    await a_world.stop_bot()
    await a_world.start_bot()
    await ada.command("/segment")
    await see(ada, "Web app: no Toplyne destination")
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving")


async def test_a_restart_keeps_the_replay_request(a_world: World, ada: Person) -> None:
    await reach_replay(a_world, ada)
    await ada.close()
    await a_world.stop_bot()
    await a_world.start_bot()
    await ada.command("/segment replay")
    await see(ada, "runs the Replay by hand")
    await ada.submit()
    request = await told(ada, "Workspace slug: acme")
    await ada.close()
    await a_world.stop_bot()
    await a_world.start_bot()
    await ada.click("I’ve sent it to Segment", message=request)
    await told(ada, "was sent to Segment, as @Ada Okafor reported")


async def test_a_colleague_goes_on_where_ada_stopped(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    await ada.close()
    await grace.command("/segment", "#data")
    await see(grace, "Acme Inc is connected")
    await choose_sources(grace, "Backend")
    assert "Backend: no Toplyne destination" in grace.modal.text
    await ada.command("/segment")
    await see(ada, "Backend: no Toplyne destination")
    await card_says(mira, "Customer’s contact: grace")
    await grace.command("/segment status")
    assert "Plan: ✓ done by @Ada Okafor" in answer(grace).visible_text
    assert "Credentials: ✓ done by @Grace Lindqvist" in answer(grace).visible_text


async def test_back_never_loses_the_verified_token(a_world: World, ada: Person) -> None:
    secret = token(a_world, "acme")
    await choose_plan(ada, "Business")
    await enter_token(ada, secret)
    await ada.click("Back")
    await see(ada, "Acme Inc is connected", "leave the field empty")
    assert ada.modal.submit_text == "Continue"
    await ada.click("Back")
    await see(ada, "Which Segment plan do you have?")
    await press_plan(ada, "Business")
    assert "leave the field empty" in ada.modal.text
    await ada.submit()
    assert SOURCES in ada.modal.text
    assert rows(a_world, "vault") == 1
    await choose_sources(ada, "Web app")
    assert "Web app: no Toplyne destination" in ada.modal.text
    await ada.click("Back")
    await see(ada, SOURCES)
    await ada.submit()
    assert "Web app: no Toplyne destination" in ada.modal.text
    assert secret not in everything_shown(a_world)


async def replace_token(person: Person) -> None:
    await person.open_home()
    await person.wait_for(lambda: person.home and "Replace the token" in person.home.buttons)
    await person.click("Replace the token")


async def test_a_replaced_token_keeps_workspace_and_sources(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    old = token(a_world, "acme")
    fresh = a_world.segment.add_token("acme", label="fresh").value
    await replace_token(ada)
    await see(ada, "Acme Inc is connected")
    ada.fill(NEW_TOKEN, token(a_world, "beacon"))
    await ada.submit()
    await see(ada, "opens the workspace Beacon", "set-up is for Acme Inc", "Use Beacon instead")
    ada.fill(NEW_TOKEN, fresh)
    await ada.submit()
    assert "Web app: no Toplyne destination" in ada.modal.text
    a_world.segment.revoke_token(old)
    await ada.click("Check again")
    a_world.segment.connect_destination(source_id(a_world, "acme", "Web app"))
    await ada.click("Check again")
    await see(ada, "Web app: the Toplyne destination is switched off")
    assert rows(a_world, "vault") == 1


async def test_the_sources_can_be_changed_later(a_world: World, ada: Person, mira: Person) -> None:
    await reach_replay(a_world, ada)
    await ada.close()
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Sources: Web app" in ada.home.text)
    await ada.click("Change the sources")
    await see(ada, SOURCES)
    ada.fill(SOURCES, ["Backend", "Web app"])
    await ada.submit()
    assert "Backend: no Toplyne destination" in ada.modal.text
    assert "Web app: arriving" in ada.modal.text
    await told(mira, "Sources chosen by ada: Backend, Web app", "#customers")
    await ada.click("Back")
    await see(ada, SOURCES)
    ada.fill(SOURCES, ["Backend"])
    await ada.submit()
    # Live sync started with another source: nothing of the chosen one arrives yet.
    await see(ada, "Backend: no Toplyne destination")
    await ada.close()
    await ada.command("/segment replay")
    await see(ada, "Live sync must have started.")
    await ada.click("Go to live sync")
    await see(ada, "Backend: no Toplyne destination")
    let_data_arrive(a_world, "acme", "Backend")
    await minutes_pass(a_world, 10)
    await see(ada, "Backend: arriving")
    await ada.submit()
    await see(ada, "Source: Backend")
    assert "Web app" not in ada.modal.text


async def change_plan(person: Person, plan: str, *, back: int = 1) -> None:
    for _ in range(back):
        before = person.modal.text
        await person.click("Back")
        await person.wait_for(lambda seen=before: person.modal.text != seen)
    await press_plan(person, plan)


async def test_business_team_business_keeps_everything(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await change_plan(ada, "Team", back=3)
    assert "Acme Inc is connected" in ada.modal.text
    await card_says(mira, "Plan: Team", "Acme Inc")
    await change_plan(ada, "Business")
    assert "Acme Inc is connected" in ada.modal.text
    await ada.submit()
    await ada.submit()
    assert "Web app: no Toplyne destination" in ada.modal.text
    assert rows(a_world, "vault") == 1


async def test_business_free_business_keeps_the_verified_workspace(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await change_plan(ada, "Free", back=3)
    assert "Acme Inc is connected" in ada.modal.text
    await ada.submit()  # the form has the verified workspace's slug and asks for no token
    assert "Segment knows your workspace Acme Inc" in ada.modal.text
    await card_says(mira, "Plan: Free", "verified by Segment")
    await change_plan(ada, "Business", back=2)
    assert "Acme Inc is connected" in ada.modal.text
    await ada.submit()
    await ada.submit()
    assert "Web app: no Toplyne destination" in ada.modal.text


async def test_free_to_business_drops_what_nobody_could_check(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    ada.fill("Access token", token(a_world, "corner-shop"))
    await ada.submit()
    await see(ada, "A person at Toplyne confirms")
    assert rows(a_world, "vault") == 1
    await change_plan(ada, "Business", back=2)
    assert "Create an access token in Segment" in ada.modal.text
    assert "is connected" not in ada.modal.text
    assert rows(a_world, "vault") == 0
    card = await card_says(mira, "no access token yet")
    assert decisions(card) == []
    await enter_token(ada, token(a_world, "acme"))
    assert "Acme Inc is connected" in ada.modal.text


async def test_a_config_api_token_does_not_carry_over_to_business(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    ada.fill("Access token", token(a_world, "corner-shop", "config-api"))
    await ada.submit()
    await see(ada, "Segment knows your workspace Corner Shop")
    await change_plan(ada, "Team", back=2)
    assert "Create an access token in Segment" in ada.modal.text
    assert ada.modal.submit_text == "Check"
    await enter_token(ada, token(a_world, "beacon"))
    assert "Beacon is connected" in ada.modal.text


async def test_looking_changes_nothing(a_world: World, ada: Person, mira: Person) -> None:
    await reach_live_sync(a_world, ada)
    await card_says(mira, "no Toplyne destination on Web app")
    before = rows(a_world, "history")
    await ada.close()
    for line, shown in (
        ("/segment", "Web app: no Toplyne destination"),
        ("/segment replay", "The Replay cannot be requested yet"),
    ):
        await ada.command(line)
        await see(ada, shown)
        await ada.close()
    await ada.command("/segment status")
    await ada.command("/segment help")
    assert rows(a_world, "history") == before


async def test_a_token_lost_while_the_request_is_written_is_replaced_from_its_window(
    a_world: World, ada: Person
) -> None:
    await reach_replay(a_world, ada)
    await ada.submit()
    await told(ada, "Workspace slug: acme")
    await ada.close(everything=True)
    a_world.segment.revoke_token(token(a_world, "acme"))
    await minutes_pass(a_world, 10)
    await told(ada, "Segment does not accept your access token any more")
    await ada.command("/segment")
    await see(ada, "Segment does not accept your access token any more", "send the request")
    await ada.click("Back")
    await see(ada, "I look again once there is a new token")
    assert " and message you " not in ada.modal.text
    await ada.click("Enter a new token")
    await enter_token(ada, a_world.segment.add_token("acme", label="fresh").value)
    await told(ada, "Segment accepts your access token, and I watch everything again.")
