"""J8: an answer reaches the person who asked, even if a colleague was active since."""

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.combinations.standings import disconnect
from tests.scenario.looking import answer, card_says, cards
from tests.scenario.story import choose_plan, enter_token, see, token, told
from tests.support.world import World, soon

DIFFICULTY = "What is the difficulty?"


async def ask(person: Person, note: str) -> None:
    await person.command("/segment")
    await see(person, "Create an access token")
    await person.click("Ask for help")
    await see(person, DIFFICULTY)
    person.fill(DIFFICULTY, note)
    await person.submit()
    await person.close()


async def write(csm: Person, button: str, message: VisibleMessage, text: str, to: str) -> None:
    await csm.click(button, message=message)
    await see(csm, f"The app sends this to {to} as a direct message")
    csm.fill("Message", text)
    await csm.submit()
    await soon(lambda: csm.modal is None)


async def test_the_answer_goes_to_who_asked_though_a_colleague_was_active_since(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ask(grace, "Which role do I need?")
    asked = await told(mira, "grace asks for help at the access token.", "#customers")
    await enter_token(ada, token(a_world, "acme"))
    await card_says(mira, "Customer’s contact: ada", "Open: grace asked for help")
    await card_says(mira, "“Which role do I need?”", "Next: answer grace, who asked for help")
    await mira.command("/segment-csm")
    await see(mira, "Grace asked for help")
    await mira.close()
    await ada.command("/segment status")
    assert "@Grace Lindqvist asked Toplyne for help" in answer(ada).visible_text

    await mira.click("Answer", message=asked)
    await see(mira, "grace asked for help", "Which role do I need?")
    await mira.close()
    await write(mira, "Answer", asked, "Workspace Owner.", to="grace")
    await told(grace, "Workspace Owner.")
    assert not any("Workspace Owner." in m.visible_text for m in ada.messages(None))
    await soon(lambda: "Open:" not in cards(mira)[0].visible_text)
    await ada.close(everything=True)
    await disconnect(ada)
    await mira.click("Answer", message=asked)
    await see(mira, "Which role do I need?", "@Mira Castellanos answered this already")


async def test_what_was_written_back_is_answered_to_who_wrote_it(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ask(grace, "Which role?")
    asked = await told(mira, "grace asks for help", "#customers")
    await write(mira, "Answer", asked, "Which one have you?", to="grace")
    heard = await told(grace, "Which one have you?")
    await grace.click("Reply", message=heard)
    await see(grace, "Toplyne’s team reads your answer")
    grace.fill("Answer", "Source Admin")
    await grace.submit()
    replied = await told(mira, "grace answers:", "#customers")
    await enter_token(ada, token(a_world, "acme"))
    await card_says(mira, "Open: grace wrote back", "Next: answer grace, who wrote back")
    await write(mira, "Answer", replied, "That is not enough.", to="grace")
    await told(grace, "That is not enough.")


async def test_an_onlooker_who_asks_is_answered_and_does_not_become_the_contact(
    a_world: World, ada: Person, mira: Person
) -> None:
    linus = a_world.person("linus")  # manages nothing
    await choose_plan(ada, "Business")
    await linus.open_home()
    await linus.click("Ask for help")
    await see(linus, DIFFICULTY)
    linus.fill(DIFFICULTY, "What is this?")
    await linus.submit()
    await see(linus, "Your question is on its way to Toplyne.")
    assert linus.modal
    assert "go on" not in linus.modal.text
    heard = await told(linus, "Toplyne’s team gets your question.")
    assert "Next: wait for the answer" in heard.visible_text
    assert heard.buttons == []
    asked = await told(mira, "linus asks for help", "#customers")
    await card_says(mira, "Customer’s contact: ada", "Open: linus asked for help")
    await write(mira, "Answer", asked, "It brings your data to Toplyne.", to="linus")
    await linus.click("Reply", message=await told(linus, "It brings your data to Toplyne."))
    await see(linus, "Toplyne’s team reads your answer")
    linus.fill("Answer", "Thank you")
    await linus.submit()
    await told(mira, "linus answers:", "#customers")
    await card_says(mira, "Customer’s contact: ada", "Open: linus wrote back")
    await write(mira, "Message the customer", cards(mira)[0], "Is all well?", to="ada")

    await ask(ada, "Which role do I need?")
    heard = await told(ada, "Toplyne’s team gets your question, with the step you are at.")
    assert heard.buttons == ["Go on with the set-up"]


async def test_several_questions_have_an_end_each(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ask(grace, "Which role do I need?")
    await ask(ada, "How long does it take?")
    of_grace = await told(mira, "grace asks for help", "#customers")
    of_ada = await told(mira, "ada asks for help", "#customers")
    await card_says(mira, "Open: grace asked for help", "Open: ada asked for help")
    await write(mira, "Answer", of_ada, "Ten minutes.", to="ada")
    await told(ada, "Ten minutes.")
    await soon(lambda: "Open: ada" not in cards(mira)[0].visible_text)
    await card_says(mira, "Open: grace asked for help", "Next: answer grace")

    await write(mira, "Message the customer", cards(mira)[0], "Are you all well?", to="ada")
    await told(ada, "Are you all well?")
    await card_says(mira, "Open: grace asked for help")

    await ask(ada, "And how much?")
    await card_says(mira, "Open: grace asked for help", "Open: ada asked for help")
    await mira.click("csm_more", message=cards(mira)[0], option="Mark as answered")
    await see(mira, "What was answered?")
    mira.fill("What was answered?", ["grace asked for help: “Which role do I need?”"])
    await mira.submit()
    await soon(lambda: "Open: grace" not in cards(mira)[0].visible_text)
    await card_says(mira, "Open: ada asked for help")
    await mira.click("Answer", message=of_grace)
    await see(mira, "answered this already")


async def test_a_question_that_ended_with_its_set_up_counts_as_answered_by_nobody(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    """Nor is the customer's person mentioned in Toplyne's Slack, which does not know them."""
    await choose_plan(ada, "Business")
    await ask(grace, "Which role do I need?")
    asked = await told(mira, "grace asks for help", "#customers")
    await ada.close(everything=True)
    await disconnect(ada)
    await mira.click("Answer", message=asked)
    await see(mira, "Which role do I need?", "about an earlier set-up, which ended since")
    await mira.close()
    await choose_plan(ada, "Team")
    await mira.click("Answer", message=asked)
    await see(mira, "about an earlier set-up, which ended since")
    assert mira.modal
    assert "answered" not in mira.modal.text
    assert "Ada" not in mira.modal.text
