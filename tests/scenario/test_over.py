"""A message whose matter is over loses its buttons: the welcome, first data, what was sent back."""

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import card_says
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    reach_replay,
    see,
    source_id,
    told,
)
from tests.scenario.test_j8_csm_and_customer import REASON, more
from tests.scenario.test_rights import forget_who_they_are
from tests.support.world import World


async def loses_its_buttons(person: Person, text: str) -> VisibleMessage:
    def found() -> VisibleMessage | None:
        (message,) = (m for m in person.messages() if text in m.visible_text)
        return None if message.buttons else message

    message: VisibleMessage = await person.wait_for(found)
    return message


async def test_the_welcome_asks_for_the_set_up_until_it_has_begun(
    a_world: World, ada: Person
) -> None:
    welcome = await told(ada, "is now in this Slack workspace")
    assert welcome.buttons == ["Start the set-up"]
    await choose_plan(ada, "Business")
    await loses_its_buttons(ada, "is now in this Slack workspace")


async def test_first_data_asks_for_the_request_until_it_is_made(
    a_world: World, ada: Person
) -> None:
    await reach_replay(a_world, ada)
    heard = await told(ada, "The first events of Web app have reached Toplyne")
    assert "Prepare the request" in heard.buttons
    await ada.submit()
    await told(ada, "is ready to be sent to Segment")
    await loses_its_buttons(ada, "The first events of Web app have reached Toplyne")


async def test_what_was_sent_back_is_over_once_it_is_corrected(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_replay(a_world, ada)
    await ada.submit()
    await card_says(mira, "Replay request written, not sent to Segment")
    await more(mira, "Reject…")
    await see(mira, "Customer: Acme", "What should the customer correct?")
    mira.fill(REASON, "The chosen sources")
    mira.fill("Reason", "Please add Backend.")
    await mira.submit()
    heard = await told(ada, "Toplyne asks you to correct which sources you chose.")
    await ada.click("Correct it", message=heard)
    await see(ada, "Which sources feed Toplyne?")
    await choose_sources(ada, "Web app", "Backend")
    over = await loses_its_buttons(ada, "Toplyne asks you to correct which sources you chose.")
    assert over.visible_text.startswith("This is over:")
    assert "Please add Backend." in over.visible_text


async def test_news_that_were_passed_on_to_somebody_else_lose_their_buttons_too(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_live_sync(a_world, grace)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await grace.click("Check again")
    await see(grace, "events delivered")
    await grace.close(everything=True)
    grace.user.deleted = True
    forget_who_they_are(a_world)
    web = source_id(a_world, "acme", "Web app")
    a_world.segment.set_destination_enabled(web, False)
    await minutes_pass(a_world, 24 * 60)
    news = await told(ada, "The Toplyne destination of Web app is switched off")
    assert news.buttons
    a_world.segment.set_destination_enabled(web, True)
    await minutes_pass(a_world, 24 * 60)
    await told(ada, "is switched on again")
    await loses_its_buttons(ada, "The Toplyne destination of Web app is switched off")
