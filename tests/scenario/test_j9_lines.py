"""J9: lines of the board, of a CSM's Home and of the digest have the button that they need."""

from playground.slack.person import Person
from tests.scenario.looking import answer, as_it_was, card_says, thread
from tests.scenario.story import choose_plan, enter_token, press_plan, see, token, told
from tests.scenario.test_j3_free import reach_confirming
from tests.scenario.test_j9_digest import (
    CHANNEL,
    a_stuck_customer,
    digests,
    next_morning,
    the_digest_is_planned,
)
from tests.support.world import World, soon

DIFFICULTY = "What is the difficulty?"


def draft(csm: Person) -> str:
    """What the window suggests to write."""
    blocks = csm.modal.blocks
    (field,) = (block["element"] for block in blocks if block["type"] == "input")
    return str(field.get("initial_value", ""))


async def ask(person: Person, note: str) -> None:
    await person.click("Ask for help")
    await see(person, DIFFICULTY)
    person.fill(DIFFICULTY, note)
    await person.submit()
    await person.close(everything=True)


async def test_a_question_is_answered_on_the_board(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ask(ada, "Which role do I need?")
    await card_says(mira, "Open: ada asked for help")
    await mira.command("/segment-csm")
    await see(mira, "Ada asked for help")
    await mira.click("Answer")
    await see(mira, "Customer: Acme", "ada asked for help", "Which role do I need?")
    mira.fill("Message", "Workspace Owner.")
    await mira.submit()
    await told(ada, "Workspace Owner.")
    await see(mira, "Customer: Acme", "press “Refresh” on the board")
    await mira.close()
    await see(mira, "asked for help")  # the board as it was
    await mira.submit()
    await mira.wait_for(lambda: "asked for help" not in mira.modal.text)
    assert "Claim" in mira.modal.buttons


async def test_who_comes_too_late_to_answer_reads_what_happened(
    a_world: World, ada: Person, mira: Person
) -> None:
    tom = a_world.person("tom")
    await choose_plan(ada, "Business")
    await ask(ada, "Which role do I need?")
    await card_says(mira, "Open: ada asked for help")
    for csm in (mira, tom):
        await csm.command("/segment-csm")
        await see(csm, "asked for help")
    await mira.click("Answer")
    await see(mira, "Which role do I need?")
    mira.fill("Message", "Workspace Owner.")
    await mira.submit()
    await told(ada, "Workspace Owner.")
    await tom.click("Answer")
    await see(tom, "Customer: Acme", "mira wrote to ada")
    await tom.close()
    await tom.submit()
    await tom.wait_for(lambda: "asked for help" not in tom.modal.text)


async def test_a_free_workspace_is_confirmed_on_the_board_and_the_data_too(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_confirming(ada)
    await card_says(mira, "confirm or reject it")
    await mira.command("/segment-csm")
    await see(mira, "Acme")
    await mira.click("Confirm…")
    await see(mira, "Customer: Acme", "Is corner-shop their Segment workspace?")
    await mira.submit()
    await told(ada, "Toplyne has confirmed your Segment workspace corner-shop")
    await mira.close()
    await mira.submit()
    await see(mira, "not known whether data arrives")
    await mira.click("Confirm…")
    await see(mira, "Customer: Acme", "look in Toplyne’s own data of Acme")
    await mira.submit()
    await told(ada, "Toplyne sees your data arrive")
    await mira.close()
    await mira.click("Confirm…")
    await see(
        mira, "Customer: Acme", "The last thing that happened: Live sync started, seen by mira."
    )


async def test_what_was_entered_since_is_not_confirmed_unseen(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_confirming(ada)
    await card_says(mira, "corner-shop, not verified")
    await mira.command("/segment-csm")
    await see(mira, "Acme")
    await mira.click("Confirm…")
    await see(mira, "Is corner-shop their Segment workspace?")
    await ada.click("Back")
    await see(ada, "Workspace slug")
    ada.fill("Workspace slug", "other-shop")
    await ada.click("I cannot create a token")
    await card_says(mira, "other-shop, not verified")
    await mira.submit()
    await see(mira, "Customer: Acme", "I changed nothing")
    await mira.close()
    await card_says(mira, "other-shop, not verified")
    await mira.click("Confirm…")
    await see(mira, "Is other-shop their Segment workspace?")
    await mira.submit()
    await told(ada, "Toplyne has confirmed your Segment workspace other-shop")


async def test_a_line_of_the_digest_writes_to_the_customer_with_a_text_that_fits(
    a_world: World, ada: Person, mira: Person
) -> None:
    await a_stuck_customer(a_world, ada, mira)
    await the_digest_is_planned(a_world)
    next_morning(a_world, weekday=2)
    digest = as_it_was((await mira.wait_for(lambda: digests(mira)))[0])
    await mira.click("Message", message=digest)
    await see(mira, "Customer: Acme", "The app sends this to ada")
    assert "Only a Workspace Owner can create it" in draft(mira)
    await mira.submit()  # as it is suggested
    heard = await told(ada, "Only a Workspace Owner can create it")
    assert "mira from Toplyne" in heard.visible_text
    await soon(lambda: mira.modal is None)
    await soon(lambda: any("wrote to ada" in line for line in thread(mira)))
    await ada.command("/segment")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Which sources feed Toplyne?")
    await mira.click("Message", message=digest)
    await see(mira, "Customer: Acme")
    assert "Your token works" in draft(mira)
    mira.fill("Message", "Well done. Which source is the busiest?")
    await mira.submit()
    await told(ada, "Which source is the busiest?")


async def test_a_line_of_the_digest_whose_matter_is_over_says_so(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ask(ada, "Which role do I need?")
    asked = await told(mira, "ada asks for help", CHANNEL)
    await the_digest_is_planned(a_world)
    next_morning(a_world, weekday=2)
    (digest,) = await mira.wait_for(lambda: digests(mira))
    seen_before = as_it_was(digest)
    await mira.click("Mark as answered", message=asked)
    await card_says(mira, "no access token yet")
    await soon(lambda: "Open:" not in card_text(mira))
    await mira.wait_for(lambda: "Answer" not in digest.buttons)
    await mira.click("Answer", message=seen_before)
    assert mira.modal is None
    assert "This was already decided, or has changed" in answer(mira, CHANNEL).visible_text


def card_text(csm: Person) -> str:
    return csm.messages(CHANNEL)[0].visible_text


async def test_who_has_not_begun_is_written_to(a_world: World, ada: Person, mira: Person) -> None:
    await card_says(mira, "plan not chosen")
    await mira.command("/segment-csm")
    await see(mira, "Acme")
    await mira.click("Claim")
    await see(mira, "Owner: @")
    await mira.click("Message")
    await see(mira, "Customer: Acme")
    assert "Shall we connect Segment to Toplyne?" in draft(mira)
    await mira.submit()
    await told(ada, "Shall we connect Segment to Toplyne?")
    await ada.command("/segment")
    await press_plan(ada, "Team")
