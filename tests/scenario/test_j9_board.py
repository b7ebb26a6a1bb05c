"""J9, the board: customers who need a CSM, searched and filtered, a page at a time."""

import re

from playground.slack.person import Person
from tests.scenario.looking import answer, card_says
from tests.scenario.story import choose_plan, reach_live_sync, see
from tests.scenario.test_rights import forget_who_they_are
from tests.support.world import World


async def test_a_csm_sees_all_customers_and_filters_them(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await card_says(mira, "Live sync")
    await mira.command("/segment-csm")
    board = await mira.wait_for(lambda: mira.modal)
    assert "1 in progress · 0 stuck or waiting for a CSM · 0 finished this week" in board.text
    line, details = board.text.split("Acme · ")[1].splitlines()[:2]
    assert line == "Live sync: no Toplyne destination on Web app"
    assert re.fullmatch(r"Since [0-9-]+ · Owner: nobody yet.*", details)
    await mira.fill("board_stage", "Plan")
    await see(mira, "No customer matches")
    await mira.click("Show all customers")
    await see(mira, "Acme · Live sync")
    mira.fill("Search by name", "acme inc")
    await mira.submit()
    await see(mira, "Acme · Live sync")
    mira.fill("Search by name", "beacon")
    await mira.submit()
    await see(mira, "No customer matches")


async def test_words_after_the_command(a_world: World, ada: Person, mira: Person) -> None:
    await choose_plan(ada, "Team")
    await mira.command("/segment-csm mine")
    await see(mira, "Nobody is yours yet")
    await mira.close()
    for words in (
        "find ACM",
        "find\u00a0“acme”.",
        "find Account: `Acme`\u200b",
        "- “find” acme",
        "“find Customer: Acme”",
    ):
        await mira.command(f"/segment-csm {words}")
        await see(mira, "Acme · Credentials: no access token yet")
        await mira.close()
    for words in ("help", "what now", "mine too"):
        await mira.command(f"/segment-csm {words}")
        assert mira.modal is None
        assert "/segment-csm find Acme" in answer(mira).visible_text


async def test_a_csms_home_is_the_board(a_world: World, ada: Person, mira: Person) -> None:
    await mira.open_home()
    home = await mira.wait_for(lambda: mira.home)
    assert "Not started yet" in home.text
    assert "Acme · installed, nothing typed yet" in home.text
    await choose_plan(ada, "Team")
    await mira.click("Refresh")
    await mira.wait_for(lambda: "Acme · Credentials" in mira.home.text)
    await mira.fill("board_stage", "Plan")
    await mira.wait_for(lambda: "No customer matches" in mira.home.text)


async def test_a_guest_at_toplyne_sees_no_board(a_world: World, mira: Person) -> None:
    a_world.slack.users[mira.user.id].is_guest = True
    await mira.command("/segment-csm")
    assert mira.modal is None
    assert "for Toplyne’s own team" in answer(mira).visible_text
    await mira.open_home()
    home = await mira.wait_for(lambda: mira.home)
    assert "Acme" not in home.text


async def test_a_customer_of_nobody_is_claimed_on_the_board(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Team")
    await card_says(mira, "no access token yet")
    await mira.command("/segment-csm")
    await see(mira, "Owner: nobody yet")
    await mira.click("Claim")
    await see(mira, "Owner: @")
    assert "Claim" not in mira.modal.buttons
    assert "Message" in mira.modal.buttons
    await mira.close()
    await mira.command("/segment-csm mine")
    await see(mira, "Acme · Credentials")


async def test_who_is_too_late_to_claim_sees_whose_it_is(
    a_world: World, ada: Person, mira: Person
) -> None:
    tom = a_world.person("tom")
    await choose_plan(ada, "Team")
    for csm in (mira, tom):
        await csm.command("/segment-csm")
        await see(csm, "Owner: nobody yet")
    await mira.click("Claim")
    await see(mira, "Owner: @")
    await tom.click("Claim")
    await see(tom, "Owner: @Mira")


async def test_an_owner_who_has_left_is_not_shown_as_if_there(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close(everything=True)
    tom = a_world.person("tom")
    await tom.click("Claim", message=await card_says(tom, "Acme"))
    await card_says(mira, "Owner: tom")
    tom.user.deleted = True
    forget_who_they_are(a_world)
    await mira.command("/segment-csm find Acme")
    await see(mira, "(has left)")
    await mira.close()

    tom.user.deleted = False
    forget_who_they_are(a_world)
    await mira.command("/segment-csm find Acme")
    await see(mira, "Owner: @Tom")
    assert "has left" not in mira.modal.text
