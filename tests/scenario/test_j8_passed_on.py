"""J8: what a customer types to the app while a CSM talks with them is passed on by one press."""

from playground.slack.faults import Fault
from playground.slack.person import Person
from tests.scenario.database import all_sent, ask
from tests.scenario.looking import card_says, cards, thread
from tests.scenario.story import choose_plan, see, token, told
from tests.scenario.test_j8_who_asked import DIFFICULTY, write
from tests.scenario.test_j8_who_asked import ask as ask_for_help
from tests.scenario.test_over import says
from tests.support.world import World, soon

PASS_ON = "Pass it on to Toplyne"
OFFER = "Shall I pass it on to Toplyne?"


async def csm_writes(csm: Person, text: str) -> None:
    await csm.click("Message the customer", message=cards(csm)[0])
    await see(csm, "direct message")
    csm.fill("Message", text)
    await csm.submit()
    await soon(lambda: csm.modal is None)


async def test_what_is_typed_after_a_csm_wrote_reaches_them_and_is_answered(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await csm_writes(mira, "Who is your Workspace Owner?")
    await told(ada, "Who is your Workspace Owner?")
    await ada.say(None, "It is Grace & me, <not> *Linus*")
    offer = await told(ada, OFFER)
    assert "It is Grace & me, <not> *Linus*" in offer.visible_text
    await ada.click(PASS_ON, message=offer)
    passed = await told(ada, "Passed on to Toplyne:")
    assert "It is Grace & me, <not> *Linus*" in passed.visible_text
    assert passed.ts == offer.ts, "it takes the place of the offer"
    assert not passed.buttons
    answered = await told(mira, "ada answers:", "#customers")
    assert answered.thread_ts == cards(mira)[0].ts
    assert "It is Grace & me, <not> *Linus*" in answered.visible_text
    await card_says(mira, "Open: ada wrote back", "Next: answer ada, who wrote back")
    await write(mira, "Answer", answered, "Then Grace can create the token.", to="ada")
    await told(ada, "Then Grace can create the token.")
    await soon(lambda: "Open:" not in cards(mira)[0].visible_text)


async def test_what_a_csm_wrote_after_an_answer_was_begun_still_waits_for_one(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close(everything=True)
    await card_says(mira, "no access token yet")
    await csm_writes(mira, "Is the ticket answered?")
    first = await told(ada, "Is the ticket answered?")
    await ada.say(None, "Not yet")
    offer = await told(ada, OFFER)
    await ada.click("Reply", message=first)
    await see(ada, "Toplyne’s team reads your answer")
    await csm_writes(mira, "Which role do you have?")
    await told(ada, "Which role do you have?")
    await ada.click(PASS_ON, message=offer)
    await told(mira, "Not yet", "#customers")
    ada.fill("Answer", "It takes a week.")
    await ada.submit()
    await ada.close(everything=True)
    await told(mira, "It takes a week.", "#customers")
    await says(ada, "Is the ticket answered?", "You have answered")
    await a_world.work_off()
    second = await says(ada, "Which role do you have?", "Next: press “Reply”")
    await ada.click("Reply", message=second)
    ada.fill("Answer", "I am the Workspace Owner.")
    await ada.submit()
    await says(ada, "Which role do you have?", "You have answered")


async def test_who_asked_and_types_more_is_passed_on_and_gets_the_answer(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    """Grace asked; Ada goes on with the set-up and is only pointed to what the app can do."""
    await choose_plan(ada, "Business")
    await ask_for_help(grace, "Which role do I need?")
    await told(mira, "grace asks for help", "#customers")
    await grace.say(None, "I am a Source Admin")
    await ada.say(None, "hello?")
    await told(ada, "nobody reads them")
    await grace.click(PASS_ON, message=await told(grace, OFFER))
    replied = await told(mira, "grace answers:", "#customers")
    await write(mira, "Answer", replied, "That is not enough.", to="grace")
    await told(grace, "That is not enough.")
    assert not any("not enough" in m.visible_text for m in ada.messages(None))


async def test_whoever_asks_very_often_is_heard_again_after_an_answer(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    """What others ask stays, and what was typed can be sent later."""
    await choose_plan(ada, "Business")
    await ask_for_help(ada, "How long does it take?")
    for number in range(10):
        await ask_for_help(grace, f"Question {number}")
    await grace.command("/segment")
    await see(grace, "Create an access token")
    await grace.click("Ask for help")
    await see(grace, DIFFICULTY)
    grace.fill(DIFFICULTY, "Question 10")
    await grace.submit()
    assert "Toplyne has 10 open questions of yours" in str(grace.modal.errors)
    await grace.say(None, "Does anybody read this?")
    offer = await told(grace, OFFER)
    await grace.click(PASS_ON, message=offer)
    await told(grace, "Toplyne has 10 open questions of yours")

    first = await told(mira, "grace asks for help at the access token", "#customers")
    await write(mira, "Answer", first, "Ten minutes.", to="grace")
    await told(grace, "Ten minutes.")
    await grace.submit()
    await told(mira, "Question 10", "#customers")
    await grace.click(PASS_ON, message=offer)
    await told(grace, "Toplyne has 10 open questions of yours")


async def test_an_offer_that_slack_does_not_redraw_by_the_press_is_edited(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ask_for_help(ada, "Which role do I need?")
    await ada.say(None, "I am a Source Admin")
    offer = await told(ada, OFFER)
    a_world.slack.faults.next_calls("response_url", Fault.server_error())
    await ada.click(PASS_ON, message=offer)
    passed = await told(ada, "Passed on to Toplyne:")
    assert (passed.ts, passed.buttons) == (offer.ts, [])
    await told(mira, "ada answers:", "#customers")


async def test_a_token_is_warned_about_and_nothing_of_it_passed_on(
    a_world: World, ada: Person, mira: Person
) -> None:
    secret = token(a_world, "acme")
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await csm_writes(mira, "Where are you stuck?")
    await told(ada, "Where are you stuck?")
    await ada.say(None, f"here it is: {secret}")
    warned = await told(ada, "revoke that token")
    assert PASS_ON not in warned.buttons
    await ada.say(None, "I have one and do not know where to put it")
    await ada.click(PASS_ON, message=await told(ada, OFFER))
    await told(mira, "I have one and do not know where to put it", "#customers")
    await all_sent(a_world)
    stored = str(ask(a_world, "SELECT params FROM inbox")) + str(
        ask(a_world, "SELECT * FROM outbox")
    )
    assert secret not in stored
    assert "do not know where" not in str(ask(a_world, "SELECT params FROM inbox WHERE NOT open"))


async def test_what_is_too_long_is_written_in_the_window(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await csm_writes(mira, "What do you see?")
    await told(ada, "What do you see?")
    await ada.say(None, "a long story " * 200)
    cannot = await told(ada, "up to 2,000 letters")
    await ada.click("Reply", message=cannot)
    await see(ada, "Toplyne’s team reads your answer")
    ada.fill("Answer", "An error")
    await ada.submit()
    await told(mira, "An error", "#customers")


async def test_each_offer_is_passed_on_once(a_world: World, ada: Person, mira: Person) -> None:
    """The second press comes from a client that has not yet drawn the first one's outcome."""
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await csm_writes(mira, "What do you see?")
    await told(ada, "What do you see?")
    await ada.say(None, "an error")
    offer = await told(ada, OFFER)
    blocks = list(offer.message.blocks)
    await ada.click(PASS_ON, message=offer)
    await told(ada, "Passed on to Toplyne:")
    offer.message.blocks = blocks
    await ada.click(PASS_ON, message=offer)
    await told(ada, "Passed on to Toplyne:")
    await all_sent(a_world)
    assert len([line for line in thread(mira) if line.startswith("ada answers:")]) <= 1
    lines = [m for m in mira.messages("#customers") if "ada answers:" in m.visible_text]
    assert len(lines) == 1


async def test_after_two_weeks_of_silence_nobody_is_talking(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await csm_writes(mira, "What do you see?")
    await told(ada, "What do you see?")
    await a_world.time_passes(15 * 86400)
    await ada.say(None, "anybody there?")
    await told(ada, "nobody reads them")
