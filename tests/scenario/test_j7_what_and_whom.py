"""J7: a reminder says what is true, to somebody who may do it."""

from playground.slack.person import Person
from tests.scenario.looking import answer, card_says
from tests.scenario.passing import days_pass, reminders
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.scenario.test_j8_csm_and_customer import REASON, more
from tests.support.world import World


async def test_nothing_is_said_of_sources_that_nobody_can_look_at(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close(everything=True)
    a_world.segment.revoke_token(token(a_world, "acme"))
    await minutes_pass(a_world, 20)
    await told(ada, "Segment does not accept your access token any more")
    let_data_arrive(a_world, "acme", "Web app")
    await days_pass(a_world, 2)
    (reminder,) = reminders(ada)
    assert reminder.visible_text.startswith(
        "Segment does not accept your access token any more, so nothing can be watched. Without"
        " one, I cannot tell whether your data reaches Toplyne."
    )
    await card_says(mira, "access token no longer accepted by Segment")

    await ada.click("Enter a new token", message=reminder)
    await see(ada, "Access token", "Segment does not accept")
    await enter_token(ada, str(a_world.segment.add_token("acme", label="fresh").value))
    await told(ada, "I watch everything again")
    await minutes_pass(a_world, 2)
    await told(ada, "The first events of Web app have reached Toplyne")


async def test_nothing_is_said_of_sources_while_segment_does_not_answer(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close(everything=True)
    a_world.segment.set_weather("down")
    await minutes_pass(a_world, 20)
    let_data_arrive(a_world, "acme", "Web app")
    await days_pass(a_world, 4)
    assert reminders(ada) == []
    silent = "Segment does not answer me; the last time was"
    await card_says(mira, "no Toplyne destination on Web app", silent)
    await ada.command("/segment status")
    assert silent in answer(ada).visible_text
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and silent in ada.home.text)

    a_world.segment.set_weather("fine")
    await days_pass(a_world, 1)
    await told(ada, "The first events of Web app have reached Toplyne")
    card = await card_says(mira, "Replay not requested yet")
    assert silent not in card.visible_text
    assert reminders(ada) == []


async def test_whoever_was_asked_for_live_sync_is_not_told_to_choose_sources(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.click("Somebody else must do this")
    await see(ada, "They get a message")
    ada.fill("Colleague", "linus")
    await ada.submit()
    linus = a_world.person("linus")
    await told(linus, "asks you to")
    await ada.close(everything=True)
    await more(mira, "Reject…")
    await see(mira, "What should the customer correct?")
    mira.fill(REASON, "The chosen sources")
    mira.fill("Reason", "Please add Backend.")
    await mira.submit()
    await told(ada, "Please add Backend.")
    await days_pass(a_world, 2)
    (reminder,) = reminders(ada)
    assert reminders(linus) == []

    await ada.click("Correct it", message=reminder)
    await see(ada, "Which sources feed Toplyne?")
    await choose_sources(ada, "Web app", "Backend")
    await ada.wait_for(lambda: not reminder.buttons)
    await ada.close(everything=True)
    await days_pass(a_world, 3)
    assert len(reminders(linus)) == 1
    assert len(reminders(ada)) == 1


async def test_whoever_asked_hears_that_the_colleague_has_left(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await ada.click("Somebody else must do this")
    await see(ada, "They get a message")
    ada.fill("Colleague", "linus")
    await ada.submit()
    linus = a_world.person("linus")
    await told(linus, "asks you to create an access token")
    await ada.close(everything=True)
    linus.user.deleted = True
    await days_pass(a_world, 2)
    assert len(reminders(ada)) == 1
    heard = await told(ada, "They are no longer a full member of this Slack, so they cannot")
    assert "You asked @Linus Haddad to create an access token" in heard.visible_text
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Enter the token" in ada.home.buttons)
    assert "was asked" not in ada.home.text

    await ada.click("Do it myself", message=heard)
    await see(ada, "Access token")
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected")
