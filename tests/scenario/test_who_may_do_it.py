"""What asks for a step reaches somebody who may do it, whoever acted last."""

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import card_says
from tests.scenario.passing import days_pass, reminders, settled
from tests.scenario.story import (
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
from tests.scenario.test_help_and_delegation import ask, colleague
from tests.scenario.test_j8_csm_and_customer import REASON, more, report
from tests.support.world import World

REVOKED = "Segment does not accept your access token any more"


async def bob_sends(world: World, ada: Person) -> Person:
    """Bob was asked for the history alone, and acted last."""
    bob = colleague(world)
    await reach_replay(world, ada)
    await ask(ada, "bob")
    await ada.close(everything=True)
    asked = await told(bob, "asks you to")
    await bob.click("Show me how", message=asked)
    await see(bob, "word for word")
    await bob.submit()
    await see(bob, "Sent to Segment: not reported yet")
    await bob.click("I’ve sent it to Segment")
    await see(bob, "Sent to Segment: reported by")
    await bob.close(everything=True)
    await settled(world)
    return bob


def said(person: Person, text: str) -> list[VisibleMessage]:
    return [each for each in person.messages() if text in each.visible_text]


async def test_whoever_may_replace_the_token_hears_that_it_was_revoked(
    a_world: World, ada: Person
) -> None:
    bob = await bob_sends(a_world, ada)
    a_world.segment.revoke_token(token(a_world, "acme"))
    await minutes_pass(a_world, 180)
    news = await told(ada, REVOKED)
    assert "cannot be reached" not in news.visible_text
    assert said(bob, REVOKED) == []

    await ada.click("Enter a new token", message=news)
    await see(ada, "Access token")
    await enter_token(ada, str(a_world.segment.add_token("acme", label="fresh").value))
    await told(ada, "I watch everything again")
    await settled(a_world)
    assert not news.buttons
    assert said(bob, "I watch everything again") == []


async def test_a_correction_and_its_reminders_reach_whoever_may_correct(
    a_world: World, ada: Person, mira: Person
) -> None:
    bob = await bob_sends(a_world, ada)
    await more(mira, "Reject…")
    await see(mira, "What should the customer correct?")
    mira.fill(REASON, "The chosen sources")
    mira.fill("Reason", "Please add Backend.")
    await mira.submit()
    news = await told(ada, "Please add Backend.")
    assert said(bob, "Please add Backend.") == []
    await days_pass(a_world, 2)
    (reminder,) = reminders(ada)
    assert reminders(bob) == []
    assert "cannot be reached" not in reminder.visible_text

    await ada.click("Correct it", message=reminder)
    await see(ada, SOURCES)
    await choose_sources(ada, "Web app", "Backend")
    await ada.wait_for(lambda: not news.buttons)


async def test_whoever_acted_last_and_may_do_it_still_hears_it(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close(everything=True)
    await grace.open_home()  # an admin, whom the set-up does not name
    await grace.wait_for(lambda: grace.home and "Change the sources" in grace.home.buttons)
    await grace.click("Change the sources")
    await see(grace, SOURCES)
    await choose_sources(grace, "Web app", "Backend")
    await see(grace, "no Toplyne destination")
    await grace.close(everything=True)
    a_world.segment.revoke_token(token(a_world, "acme"))
    await minutes_pass(a_world, 180)
    await told(grace, REVOKED)
    assert said(ada, REVOKED) == []


async def test_the_first_data_reaches_whoever_may_ask_for_the_history(
    a_world: World, ada: Person
) -> None:
    bob = colleague(a_world)
    await choose_plan(ada, "Business")
    await ask(ada, "bob")
    await ada.close(everything=True)
    await bob.click("Show me how", message=await told(bob, "asks you to"))
    await see(bob, "Access token")
    await enter_token(bob, token(a_world, "acme"))
    await see(bob, SOURCES)
    await choose_sources(bob, "Web app")
    await bob.close(everything=True)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 30)
    news = await told(ada, "The first events of Web app have reached Toplyne")
    assert said(bob, "The first events of Web app") == []

    await ada.click("Prepare the request", message=news)
    await see(ada, "word for word")
    await ada.submit()
    await see(ada, "Sent to Segment: not reported yet")
    await ada.wait_for(lambda: not news.buttons)


async def test_a_colleague_who_is_a_guest_by_now_is_asked_no_more(
    a_world: World, ada: Person
) -> None:
    bob = colleague(a_world)
    await choose_plan(ada, "Business")
    await ask(ada, "bob")
    await ada.close(everything=True)
    await told(bob, "asks you to")
    bob.user.is_guest = True
    await days_pass(a_world, 2)
    assert reminders(bob) == []
    (reminder,) = reminders(ada)
    heard = await told(ada, "They are no longer a full member of this Slack")
    assert said(ada, "I have reminded them") == []

    await ada.click("Enter the token", message=reminder)
    await see(ada, "Access token")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, SOURCES)
    assert "Do it myself" in heard.buttons


async def test_news_of_the_replay_is_not_for_a_guest(
    a_world: World, ada: Person, mira: Person
) -> None:
    bob = await bob_sends(a_world, ada)
    bob.user.is_guest = True
    await report(mira, "Running")
    news = await told(ada, "your Replay for Acme Inc is running")
    assert said(bob, "your Replay for Acme Inc is running") == []
    await ada.click("Report that it has finished", message=news)
    await see(ada, "It’s finished")
    await ada.click("It’s finished")
    await see(ada, "with live data and history")
    await card_says(mira, "Waiting on: you")
