"""What colleagues hear of each other holds for as long as it stands there, or says what is now."""

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import answer
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    enter_token,
    reach_replay,
    see,
    token,
    told,
)
from tests.scenario.test_help_and_delegation import ask, colleague, message_of
from tests.support.world import World

TO_SEND = "asks you to send the request for the history to Segment"


async def says(person: Person, message: VisibleMessage, *parts: str) -> VisibleMessage:
    """The message once it says this."""

    def reads() -> bool:
        return all(part in message_of(person, message).visible_text for part in parts)

    assert await person.wait_for(reads), message_of(person, message).visible_text
    return message_of(person, message)


async def test_done_is_not_said_of_what_was_taken_back(a_world: World, ada: Person) -> None:
    bob = colleague(a_world)
    await reach_replay(a_world, ada)
    await ada.submit()
    await see(ada, "Sent to Segment: not reported yet")
    await ask(ada, "bob")
    await ada.close(everything=True)
    asked = await told(bob, TO_SEND)
    await bob.click("Show me how", message=asked)
    await see(bob, "The text for Segment")
    await bob.click("I’ve sent it to Segment")
    await see(bob, "Sent to Segment: reported by")
    news = await told(ada, "It is done")
    assert news.buttons == ["Report their answer"]
    await says(bob, asked, "That is over")

    await bob.click("Undo")
    await see(bob, "Sent to Segment: not reported yet")
    open_again = await says(ada, news, "It was done, and is open again.")
    assert open_again.buttons == ["Ask somebody else", "Do it myself"]
    asked_again = await says(bob, asked, TO_SEND)
    assert asked_again.buttons == ["Show me how", "Not me"]

    await bob.click("I’ve sent it to Segment")
    await see(bob, "Sent to Segment: reported by")
    assert (await says(ada, news, "It is done")).buttons == ["Report their answer"]
    await says(bob, asked, "That is over")
    assert len([m for m in ada.messages() if "You asked" in m.visible_text]) == 1


async def test_who_was_asked_for_one_step_is_not_told_to_manage(
    a_world: World, ada: Person
) -> None:
    bob, linus = colleague(a_world), a_world.person("linus")
    await choose_plan(ada, "Business")
    await ask(ada, "bob")
    await ada.close(everything=True)
    await linus.command("/segment")
    await a_world.work_off()
    await linus.click("Ask them", message=answer(linus))
    to_bob = await told(bob, "asks you to go on with connecting Segment to Toplyne")
    assert to_bob.buttons == ["Enter the token"]
    to_ada = await told(ada, "asks you to go on with connecting Segment to Toplyne")
    assert to_ada.buttons == ["Enter the token", "Let them manage it"]

    await ada.click("Let them manage it", message=to_ada)
    await see(ada, "People who can manage this")
    await ada.submit()
    await ada.close(everything=True)
    await a_world.work_off()
    assert message_of(ada, to_ada).buttons == ["Enter the token"], "they can manage it now"
    await linus.command("/segment")
    await enter_token(linus, token(a_world, "acme"))
    await says(ada, to_ada, "asked you to go on", "is no longer needed")
    await says(bob, to_bob, "asked you to go on", "is no longer needed")


async def test_no_news_keeps_a_button_once_its_matter_is_over(
    a_world: World, ada: Person, grace: Person
) -> None:
    colleague(a_world)
    linus = a_world.person("linus")
    await choose_plan(ada, "Business")
    await ask(ada, "bob")
    await ada.close(everything=True)
    for _ in range(48):
        await a_world.time_passes(3600)
        await a_world.work_off()
    waiting = await told(ada, "It is not done yet, and I have reminded them.")
    await linus.command("/segment")
    await a_world.work_off()
    await linus.click("Ask them", message=answer(linus))
    go_on = await told(ada, "Next: create an access token in Segment and enter it.")

    await grace.command("/segment")
    await enter_token(grace, token(a_world, "acme"))
    await see(grace, "is connected")
    done = await told(ada, "It is done, by @Grace Lindqvist.")
    await says(ada, done, "Next: choose the sources")
    assert (await says(ada, waiting, "It is done now.")).buttons == []
    assert (await says(ada, go_on, "is no longer needed")).buttons == []
    await choose_sources(grace, "Web app")
    await see(grace, "no Toplyne destination")
    await grace.close(everything=True)
    assert (await says(ada, done, "Next: connect Toplyne")).buttons == ["Show me how"]

    await grace.command("/segment disconnect")
    await see(grace, "Disconnect Acme")
    await grace.submit()
    await a_world.work_off()
    kept = {"Ask for help", "Connect again", "Open Segment"}  # of the farewell, or of any time
    for each in ada.messages():
        assert {*each.buttons} <= kept, each.visible_text
