"""A Replay request that was never sent to Segment, although somebody reported it as sent."""

from playground.slack.person import Person
from tests.scenario.looking import as_it_was, card_says
from tests.scenario.passing import days_pass, reminders
from tests.scenario.story import days_ahead, minutes_pass, see, source_id, told
from tests.scenario.test_j2_team import change_plan
from tests.scenario.test_j8_csm_and_customer import line, more, report, requested
from tests.support.world import World, soon

NOT_SENT = "Not sent to Segment after all"
SENT = "I’ve sent it to Segment"


async def is_reported_as_sent(world: World, ada: Person, mira: Person) -> None:
    await requested(world, ada, mira)
    await ada.click(SENT)
    await see(ada, "Sent to Segment: reported by")
    await ada.close(everything=True)


async def test_toplyne_puts_right_what_is_taken_back_too_late(
    a_world: World, ada: Person, mira: Person
) -> None:
    await is_reported_as_sent(a_world, ada, mira)
    message = await told(ada, "Undo takes it back")
    in_time = as_it_was(message)
    await minutes_pass(a_world, 60)
    await soon(lambda: "Undo" not in message.buttons)
    await ada.click("Undo", message=in_time)
    await see(ada, "tell Toplyne’s team with")
    await ada.close(everything=True)

    await report(mira, NOT_SENT)
    await card_says(mira, "Replay request written, not sent to Segment")
    await line(mira, "Replay request not sent after all: mira took that back.")
    heard = await told(ada, "your Replay request for Acme Inc has not been sent to Segment after")
    assert "Next: send the request to Segment, then say so here." in heard.visible_text
    await ada.click(heard.buttons[0], message=heard)
    await see(ada, "Sent to Segment: not reported yet", "The text for Segment")
    await ada.click(SENT)
    await see(ada, "Sent to Segment: reported by")
    await card_says(mira, "sent to Segment, not running yet")
    await soon(lambda: not _newest(ada, heard.ts))
    await ada.click("Change the request")
    await see(ada, "Segment has version 1 of your request already")


async def test_what_was_reported_of_segments_answer_goes_with_it(
    a_world: World, ada: Person, mira: Person
) -> None:
    await is_reported_as_sent(a_world, ada, mira)
    await report(mira, "Running")
    running = await told(ada, "your Replay for Acme Inc is running.")
    await report(mira, NOT_SENT)
    await card_says(mira, "Replay request written, not sent to Segment")
    await soon(lambda: not _newest(ada, running.ts))
    await ada.click("Change the request", message=await told(ada, "ready to be sent to Segment"))
    await see(ada, "Version 1 of your request was not sent to Segment yet")
    await ada.close(everything=True)
    await report(mira, "Finished, as Segment says")
    await card_says(mira, "finished, with history")


async def test_running_by_mistake_is_put_right_and_the_day_stays(
    a_world: World, ada: Person, mira: Person
) -> None:
    await is_reported_as_sent(a_world, ada, mira)
    await more(mira, "Mark the Replay as…")
    mira.fill("The Replay is", "Scheduled")
    mira.fill("Promised day", days_ahead(a_world, 5))
    mira.fill("Segment’s ticket number", "4711")
    await mira.submit()
    await told(ada, "your Replay for Acme Inc is scheduled")
    await report(mira, "Running")
    running = await told(ada, "your Replay for Acme Inc is running.")
    assert "Undo" not in (await told(ada, "is running, as Toplyne reported")).buttons
    await report(mira, "Sent to Segment, but not running after all")
    await card_says(mira, "sent to Segment, not running yet")
    await line(mira, "Replay not running after all: mira took that back.")
    heard = await told(ada, "your Replay for Acme Inc is not running after all")
    assert "Next: wait until Segment starts it" in heard.visible_text
    await told(ada, "Segment has scheduled the Replay for Acme Inc for")
    await soon(lambda: not _newest(ada, running.ts))
    await ada.click(heard.buttons[0], message=heard)
    await see(ada, "ticket 4711", "Running: not reported yet")
    await ada.click("It’s running")
    await see(ada, "Running: reported by")
    await soon(lambda: not _newest(ada, heard.ts))


async def test_finished_by_mistake_is_taken_back_and_the_set_up_goes_on(
    a_world: World, ada: Person, mira: Person
) -> None:
    await is_reported_as_sent(a_world, ada, mira)
    await ada.click("It’s running", message=await told(ada, "was sent to Segment, as"))
    await ada.click("It’s finished", message=await told(ada, "is running, as"))
    await card_says(mira, "finished, with history")
    summary = await told(ada, "with live data and history")
    await ada.command("/segment replay")
    await see(ada, "Not finished yet? Undo takes it back")
    await ada.click("Undo")
    await see(ada, "Running: reported by", "Finished: not reported yet")
    await ada.submit()
    await ada.close(everything=True)
    await card_says(mira, "finished, with history")
    await ada.click("Undo", message=await told(ada, "Not finished yet? Undo takes it back"))
    await told(ada, "is running, as @Ada Okafor reported")
    await card_says(mira, "Replay running")
    await line(mira, "Replay not finished after all: ada took that back.")
    await soon(lambda: not _newest(ada, summary.ts))
    await ada.command("/segment")
    await see(ada, "Finished: not reported yet")
    await ada.submit()
    await see(ada, "Not finished yet? Undo takes it back")
    await ada.click("Undo")
    await see(ada, "Running: reported by", "Finished: not reported yet")
    await ada.close(everything=True)

    await report(mira, "Finished, as Segment says")
    await card_says(mira, "finished, with history")
    await report(mira, "Not finished after all")
    await card_says(mira, "Replay running")
    heard = await told(ada, "your Replay for Acme Inc has not finished after all")
    assert "Next: wait until Segment says that the Replay has finished" in heard.visible_text
    await report(mira, "Finished, and Toplyne has the history")
    await card_says(mira, "finished, with history")
    assert "Undo" not in (await told(ada, "has finished, as Toplyne reported")).buttons


def _newest(person: Person, ts: str) -> list[str]:
    """The buttons that this message has by now."""
    return next(each.buttons for each in person.messages() if each.ts == ts)


async def test_it_is_a_new_standstill_with_reminders_of_its_own(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.close(everything=True)
    await days_with_data(a_world, 12)
    await card_says(mira, "no more reminders come about this")
    await ada.click(SENT, message=await told(ada, "ready to be sent to Segment"))
    await told(ada, "was sent to Segment, as")
    await days_with_data(a_world, 2)
    before = len(reminders(ada))
    await report(mira, NOT_SENT)
    shown = await card_says(mira, "Replay request written, not sent to Segment")
    assert "Stuck" not in shown.visible_text
    assert len(reminders(ada)) == before, "the news has said it"
    await days_with_data(a_world, 3)
    assert len(reminders(ada)) == before + 1


async def days_with_data(world: World, days: int) -> None:
    for _ in range(days):
        world.segment.send_events(source_id(world, "acme", "Web app"), 50)
        await days_pass(world, 1, hours=2)


async def test_an_old_window_takes_back_no_newer_sending(
    a_world: World, ada: Person, mira: Person
) -> None:
    tom = a_world.person("tom")
    await is_reported_as_sent(a_world, ada, mira)
    await more(tom, "Mark the Replay as…")
    await see(tom, "What does Segment say?")
    await report(mira, NOT_SENT)
    await card_says(mira, "Replay request written, not sent to Segment")
    await minutes_pass(a_world, 60)
    await ada.click(SENT, message=await told(ada, "ready to be sent to Segment"))
    await card_says(mira, "sent to Segment, not running yet")
    tom.fill("The Replay is", NOT_SENT)
    await tom.submit()
    await see(tom, "This was already decided, or has changed")
    await card_says(mira, "sent to Segment, not running yet")


async def test_on_another_plan_the_letter_says_the_same_as_the_news(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.click(SENT)
    await see(ada, "Sent to Segment: reported by")
    await change_plan(ada, "Team")
    await report(mira, NOT_SENT)
    news = await told(ada, "has not been sent to Segment after all")
    assert "upgrade to Business" in news.visible_text
    letter = await told(ada, "was not sent and is not needed now")
    assert "upgrade to Business" in letter.visible_text
    assert SENT not in letter.buttons
    await ada.command("/segment")
    await ada.click("Finish with live data only")
    await card_says(mira, "finished, with live data only")
    assert SENT not in (await told(ada, "was not sent and is not needed now")).buttons
