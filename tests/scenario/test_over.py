"""A message whose matter is over loses its buttons: the welcome, first data, what was sent back."""

from datetime import timedelta

from bot.cli.database import opened
from playground.slack.faults import Fault
from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from storage.housekeeping import SqlHousekeeping
from tests.scenario.database import all_sent, ask
from tests.scenario.looking import answer, card_says
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    days_ahead,
    in_words,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    reach_replay,
    see,
    source_id,
    told,
)
from tests.scenario.test_j8_csm_and_customer import REASON, more, report, requested
from tests.scenario.test_not_sent import is_reported_as_sent
from tests.scenario.test_rights import forget_who_they_are
from tests.support.world import World

REPORTS = (
    ("I’ve sent it to Segment", "is ready to be sent"),
    ("It’s running", "was sent to Segment, as"),
    ("It’s finished", "is running, as"),
)


async def says(person: Person, *texts: str) -> VisibleMessage:
    """Waits for a message that says all of this."""

    def found() -> VisibleMessage | None:
        shown = (m for m in person.messages() if all(text in m.visible_text for text in texts))
        return next(shown, None)

    message: VisibleMessage = await person.wait_for(found)
    return message


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


async def test_a_day_for_the_replay_is_over_once_another_one_or_none_is_named(
    a_world: World, ada: Person, mira: Person
) -> None:
    await is_reported_as_sent(a_world, ada, mira)
    first, second = days_ahead(a_world, 3), days_ahead(a_world, 9)
    await report(mira, "Scheduled", day=first, ticket="4711")
    assert (await told(ada, f"is scheduled for {in_words(first)}")).buttons
    await report(mira, "Scheduled", day=second, ticket="4711")
    await loses_its_buttons(ada, f"is scheduled for {in_words(first)}")
    assert (await told(ada, f"is scheduled for {in_words(second)}")).buttons
    await report(mira, "Not scheduled: the day reported before is a mistake")
    corrected = await told(ada, "Forget what was said of a day.")
    await card_says(mira, "scheduled by Segment, ticket 4711")
    await loses_its_buttons(ada, f"is scheduled for {in_words(second)}")
    await ada.click("Report that it runs", message=corrected)
    await see(ada, "It’s running")


async def test_news_that_say_to_send_the_request_no_longer_do_once_it_is_sent(
    a_world: World, ada: Person, mira: Person
) -> None:
    """A day was reported for the wrong customer, so it was not sent either."""
    await requested(a_world, ada, mira)
    await report(mira, "Scheduled", day=days_ahead(a_world, 9))
    await told(ada, "is scheduled for")
    await report(mira, "Not scheduled: the day reported before is a mistake")
    corrected = await told(ada, "Forget what was said of a day.")
    assert "send the request to Segment" in corrected.visible_text
    await ada.click("Send the request", message=corrected)
    await see(ada, "I’ve sent it to Segment")
    await ada.click("I’ve sent it to Segment")
    corrected = await ada.wait_for(
        lambda: next(
            (
                m
                for m in ada.messages()
                if "Forget what was said of a day." in m.visible_text
                and "send the request" not in m.visible_text
            ),
            None,
        )
    )
    assert "wait for Segment’s answer" in corrected.visible_text
    await ada.close(everything=True)
    await ada.click("Report their answer", message=corrected)
    await see(ada, "It’s running")


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


async def finished(world: World, person: Person) -> None:
    """Two sources are chosen, of which one has its history."""
    await reach_replay(world, person, "Web app", "Backend")
    await person.submit()
    await person.close(everything=True)
    for button, text in REPORTS:
        await person.click(button, message=await told(person, text))
    if person.modal:
        await person.click("Finish all the same")
        await person.close(everything=True)


async def test_the_end_says_what_is_still_open_until_it_is_done(
    a_world: World, ada: Person
) -> None:
    await finished(a_world, ada)
    summary = await told(ada, "All that is still open is listed below")
    assert "Not arriving: Backend" in summary.visible_text
    let_data_arrive(a_world, "acme", "Backend")
    await minutes_pass(a_world, 24 * 60)
    await told(ada, "The first events of Backend have reached Toplyne")

    def is_true() -> bool:
        said = [m.visible_text for m in ada.messages() if "Backend" in m.visible_text]
        return not any("Not arriving" in text or "as a destination of" in text for text in said)

    assert await ada.wait_for(is_true)


async def test_what_was_said_months_ago_is_drawn_anew_too(a_world: World, ada: Person) -> None:
    await reach_replay(a_world, ada)
    await ada.submit()
    await ada.close(everything=True)
    await ada.click("I’ve sent it to Segment", message=await told(ada, "is ready to be sent"))
    request = await told(ada, "was sent to Segment, as")
    await all_sent(a_world)
    async with opened(a_world.database_url) as engine:
        rows, months_later = SqlHousekeeping(engine), a_world.segment.now() + timedelta(days=100)
        assert await rows.remove_sent(months_later)
        assert not await rows.remove_places(months_later)
    await ada.command("/segment")
    await ada.click("It’s running")
    await ada.click("It’s finished")
    await told(ada, "with live data and history")
    await ada.close(everything=True)

    def is_over() -> bool:
        (now,) = (m for m in ada.messages() if m.ts == request.ts)
        return "has finished" in now.visible_text and "It’s running" not in now.buttons

    assert await ada.wait_for(is_over)


async def test_what_a_csm_wrote_waits_for_the_first_answer_alone(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close(everything=True)
    for text in ("Is the ticket answered?", "Or shall we talk?"):
        await mira.click("Message the customer", message=await card_says(mira, "no access token"))
        mira.fill("Message", text)
        await mira.submit()
        await says(ada, text, "Next: press “Reply”")
    for answered in range(2):
        await ada.click("Reply", message=await told(ada, "Is the ticket answered?"))
        ada.fill("Answer", f"Not yet {answered}.")
        await ada.submit()
        await ada.close(everything=True)
        await told(mira, f"Not yet {answered}.", "#customers")
        for text in ("Is the ticket answered?", "Or shall we talk?"):
            message = await says(ada, text, "You have answered. Next: wait")
            assert message.buttons == ["Reply"]
            assert "primary" not in str(message.blocks)
            assert "press “Reply”" not in message.visible_text
    await a_world.work_off()
    drawn = "SELECT count(*) FROM outbox WHERE kind = 'redrawn' AND key LIKE 'answered:%'"
    assert ask(a_world, drawn) == [(2,)]


async def test_after_a_disconnect_no_news_of_the_set_up_has_a_button(
    a_world: World, ada: Person, mira: Person
) -> None:
    await finished(a_world, ada)
    await mira.click("Message the customer", message=await card_says(mira, "finished"))
    mira.fill("Message", "Is all well?")
    await mira.submit()
    await says(ada, "Is all well?", "Next: press “Reply”")
    await told(ada, "All that is still open is listed below")
    await ada.command("/segment help")
    await ada.click("Ask for help", message=answer(ada))
    await see(ada, "What is the difficulty?")
    await ada.submit()
    await ada.close(everything=True)
    await told(ada, "Toplyne’s team gets your question")
    await ada.command("/segment disconnect")
    await see(ada, "What stays in Segment")
    await ada.submit()
    await told(ada, "Segment is disconnected")

    def left() -> set[str]:
        return {label for message in ada.messages() for label in message.buttons}

    await ada.wait_for(lambda: left() == {"Open Tokens", "Connect again"})
    await says(ada, "Before the disconnect: mira from Toplyne writes to you:", "Is all well?")
    await mira.click("Message the customer", message=await card_says(mira, "disconnected"))
    mira.fill("Message", "May I ask why?")
    await mira.submit()
    await ada.click("Reply", message=await says(ada, "May I ask why?", "Next: press “Reply”"))
    ada.fill("Answer", "We moved.")
    await ada.submit()
    await says(ada, "May I ask why?", "You have answered")


async def test_a_welcome_that_was_on_its_way_loses_its_button_too(
    a_world: World, ada: Person
) -> None:
    await a_world.slack.uninstall(ada.user.team_id)
    await a_world.work_off()
    a_world.slack.faults.next_calls("chat.postMessage", Fault(late=2.0), 3)  # cards, too
    await a_world.slack.install(ada.user.team_id, ada.user.id)
    await told(ada, "is in this Slack workspace again")
    await choose_plan(ada, "Business")
    await loses_its_buttons(ada, "is in this Slack workspace again")


async def test_what_works_again_says_nothing_that_can_age(a_world: World, ada: Person) -> None:
    await reach_replay(a_world, ada)
    await ada.submit()
    await told(ada, "is ready to be sent to Segment")
    await ada.close(everything=True)
    web = source_id(a_world, "acme", "Web app")
    for is_on, said in ((False, "Web app is switched off"), (True, "is switched on again")):
        a_world.segment.set_destination_enabled(web, is_on)
        await minutes_pass(a_world, 24 * 60)
        await told(ada, said)
    again = await told(ada, "is switched on again")
    assert "Next: open the set-up to see where things stand." in again.visible_text
    await ada.click("I’ve sent it to Segment")
    await told(ada, "was sent to Segment, as")
    await ada.click("Open the set-up", message=again)
    await see(ada, "It’s running")
