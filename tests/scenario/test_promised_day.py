"""What Segment answers: “I’ve sent it” is taken back, and the promised day is asked about."""

import pytest

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.database import all_sent, ask
from tests.scenario.looking import as_it_was, card_says, thread
from tests.scenario.story import (
    days_ahead,
    minutes_pass,
    reach_replay,
    see,
    told,
)
from tests.scenario.test_j8_csm_and_customer import more, report, requested
from tests.support.world import World


@pytest.fixture
def other_settings() -> dict[str, str]:
    return {"reminder_hours": "always"}


# --- "I’ve sent it" can be taken back -------------------------------------------------------------


async def sent(world: World, person: Person) -> VisibleMessage:
    await reach_replay(world, person)
    await person.submit()
    await told(person, "Workspace slug: acme")
    await person.close(everything=True)
    await person.click("I’ve sent it to Segment")
    return await told(person, "was sent to Segment, as @Ada Okafor reported")


async def test_sent_by_mistake_is_taken_back_and_reminders_go_on(
    a_world: World, ada: Person, mira: Person
) -> None:
    message = await sent(a_world, ada)
    assert "Not sent yet? Undo takes it back, until" in message.visible_text
    await ada.click("Show the text", message=message)
    await see(ada, "Workspace slug: acme")
    await ada.close(everything=True)
    await ada.click("Undo", message=message)
    await told(ada, "Workspace slug: acme")
    await told(mira, "Replay request not sent after all: ada took that back.", "#customers")
    await card_says(mira, "Replay request written, not sent to Segment")
    await minutes_pass(a_world, 3 * 24 * 60)
    await told(ada, "I’ve sent it already")
    await ada.click("I’ve sent it already")
    await told(ada, "was sent to Segment, as @Ada Okafor reported")


async def test_sent_is_taken_back_on_the_screen_too(a_world: World, ada: Person) -> None:
    await sent(a_world, ada)
    await ada.command("/segment")
    await see(ada, "Sent to Segment: reported by", "Not sent yet?")
    await ada.click("Undo")
    await see(ada, "Sent to Segment: not reported yet")
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by", "Not sent yet?")


async def test_after_some_minutes_it_says_whom_to_ask(
    a_world: World, ada: Person, mira: Person
) -> None:
    message = await sent(a_world, ada)
    await minutes_pass(a_world, 11)
    await ada.click("Undo", message=message)
    await see(ada, "can be taken back for ten minutes", "Ask for help")
    assert "Undo" not in ada.modal.buttons
    await ada.click("Ask for help")
    await ada.submit()
    await told(mira, "asks for help", "#customers")
    assert "not sent after all" not in " ".join(thread(mira))


async def test_what_a_later_report_implies_cannot_be_taken_back(
    a_world: World, ada: Person, mira: Person
) -> None:
    message = await sent(a_world, ada)
    await ada.command("/segment")
    await see(ada, "Not sent yet?")
    await ada.click("It’s running", message=message)
    running = await told(ada, "is running, as @Ada Okafor reported")
    await ada.click("Undo")  # of the window from before, about the sending
    await see(ada, "only the newest one", "Ask for help")
    await ada.close(everything=True)
    assert "Not running yet? Undo takes it back, until" in running.visible_text
    assert "Show the text" in running.buttons
    await report(mira, "Finished, as Segment says")
    await told(ada, "has finished, as")


async def test_running_by_mistake_is_taken_back_and_reminders_go_on(
    a_world: World, ada: Person, mira: Person
) -> None:
    message = await sent(a_world, ada)
    await ada.click("It’s running", message=message)
    await card_says(mira, "Replay running")
    await ada.click("Undo", message=await told(ada, "Not running yet? Undo takes it back"))
    await told(ada, "was sent to Segment, as @Ada Okafor reported")
    await told(mira, "Replay not running after all: ada took that back.", "#customers")
    await card_says(mira, "sent to Segment, not running yet")
    await ada.command("/segment")
    await see(ada, "Sent to Segment: reported by", "Running: not reported yet")
    await ada.click("It’s running")
    await see(ada, "Running: reported by", "Not running yet?")
    await ada.click("Undo")
    await see(ada, "Running: not reported yet")
    await ada.close(everything=True)
    await minutes_pass(a_world, 6 * 24 * 60)
    await told(ada, "If Segment has not answered yet")


# --- the promised day -----------------------------------------------------------------------------

DID_IT_START = "Did Segment start it?"


async def asked_on_the_promised_day(world: World, ada: Person, grace: Person) -> VisibleMessage:
    """Ada sends the request, Grace reports the day, and on that day Ada is asked."""
    await sent(world, ada)
    await grace.command("/segment")
    await see(grace, "Sent to Segment: reported by")
    await grace.click("It’s scheduled")
    await see(grace, "What did Segment say?")
    grace.fill("The day on which they run it", days_ahead(world, 7))
    await grace.submit()
    await told(ada, "Segment has scheduled the Replay for Acme Inc for")
    await grace.close(everything=True)
    reminded = "SELECT count(*) FROM outbox WHERE kind = 'reminder'"
    await minutes_pass(world, 6 * 24 * 60)
    await all_sent(world)
    assert ask(world, reminded) == [(0,)]
    await minutes_pass(world, 2 * 24 * 60)
    question = await told(ada, DID_IT_START)
    assert question.buttons[:2] == ["It’s running", "Not yet"]
    assert ask(world, reminded) == [(1,)]
    return question


async def test_a_colleague_who_was_asked_for_something_else_is_not_asked_whether_it_started(
    a_world: World, ada: Person, grace: Person
) -> None:
    await sent(a_world, ada)
    await ada.command("/segment")
    await see(ada, "Sent to Segment: reported by")
    await ada.click("Back")
    await see(ada, "events delivered")
    await asks(ada, "grace")  # to look after live sync
    await ada.command("/segment")
    await ada.click("It’s scheduled")
    ada.fill("The day on which they run it", days_ahead(a_world, 7))
    await ada.submit()
    await told(ada, "Segment has scheduled the Replay for Acme Inc for")
    await ada.close(everything=True)
    await minutes_pass(a_world, 8 * 24 * 60)
    await told(ada, DID_IT_START)
    assert DID_IT_START not in " ".join(each.visible_text for each in grace.messages())


async def test_a_colleague_who_was_asked_for_this_step_is_asked_whether_it_started(
    a_world: World, ada: Person, grace: Person
) -> None:
    await sent(a_world, ada)
    await ada.command("/segment")
    await ada.click("It’s scheduled")
    ada.fill("The day on which they run it", days_ahead(a_world, 7))
    await ada.submit()
    await told(ada, "Segment has scheduled the Replay for Acme Inc for")
    await asks(ada, "grace")
    await minutes_pass(a_world, 8 * 24 * 60)
    question = await told(grace, DID_IT_START)
    asking = [each.visible_text for each in ada.messages() if DID_IT_START in each.visible_text]
    assert all("Show the text" in each for each in asking), "the request alone, drawn again"
    await grace.click("It’s running", message=question)
    await told(grace, "Done: wait until Segment says that the Replay runs")
    await told(ada, "is running, as @Grace")


async def asks(person: Person, colleague: str) -> None:
    await person.click("Somebody else must do this")
    await see(person, "Colleague")
    person.fill("Colleague", colleague)
    await person.submit()
    await see(person, "gets a message from me now")
    await person.close(everything=True)


async def test_on_the_promised_day_not_yet_names_the_new_day_and_it_is_asked_again(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    question = await asked_on_the_promised_day(a_world, ada, grace)
    await ada.click("Not yet", message=question)
    await see(ada, "and it has not started. Which day is it now?")
    ada.fill("The day on which they run it", "2001-01-01")
    await ada.submit()
    assert ada.modal
    assert ada.modal.errors
    ada.fill("The day on which they run it", days_ahead(a_world, 5))
    await ada.submit()
    await told(ada, "The new day is")
    await card_says(mira, "it had not started on")
    await told(mira, "it had not started on", "#customers")
    await minutes_pass(a_world, 6 * 24 * 60)
    again = await told(ada, DID_IT_START)
    await ada.click("It’s running", message=again)
    await told(ada, "is running, as @Ada Okafor reported")


async def test_not_yet_without_a_new_day_is_kept_and_the_question_can_still_be_answered(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    question = await asked_on_the_promised_day(a_world, ada, grace)
    await ada.click("Not yet", message=question)
    await see(ada, "Leave the day empty if Segment has not named a new one")
    await ada.submit()
    await told(ada, "the day that Segment named, as @Ada Okafor reported")
    await card_says(mira, "it had not started on")
    await ada.click("It’s running", message=question)
    await told(ada, "is running, as @Ada Okafor reported")


async def test_not_yet_after_a_colleague_said_that_it_runs_and_after_the_end(
    a_world: World, ada: Person, grace: Person
) -> None:
    question = as_it_was(await asked_on_the_promised_day(a_world, ada, grace))
    await ada.click("Not yet", message=question)
    await see(ada, "Which day is it now?")
    await grace.command("/segment")
    await see(grace, "It’s running")
    await grace.click("It’s running")
    await see(grace, "Running: reported by @Grace")
    await ada.submit()  # the window was opened before
    await see(ada, "was reported as running or finished", "Running: reported by @Grace")
    await ada.close(everything=True)
    await ada.click("Not yet", message=question)
    await see(ada, "was reported as running or finished", "Running: reported by @Grace")
    await ada.close(everything=True)
    await grace.close(everything=True)
    await grace.command("/segment disconnect")
    await see(grace, "from this app?")
    await grace.submit()
    await told(ada, "disconnected")


# --- a day that was entered by mistake ------------------------------------------------------------


async def scheduled(world: World, person: Person, days: int) -> VisibleMessage:
    message = await sent(world, person)
    await person.click("It’s scheduled", message=message)
    await see(person, "What did Segment say?")
    person.fill("The day on which they run it", days_ahead(world, days))
    await person.submit()
    return await told(person, "Segment has scheduled the Replay for Acme Inc for")


async def test_a_wrong_day_is_changed_before_it_comes(
    a_world: World, ada: Person, mira: Person
) -> None:
    message = await scheduled(a_world, ada, 30)
    await ada.click("Change the day", message=message)
    await see(ada, "Segment has named no day")
    ada.fill("The day on which they run it", days_ahead(a_world, 3))
    await ada.submit()
    await minutes_pass(a_world, 4 * 24 * 60)
    await told(ada, DID_IT_START)


async def test_a_day_that_segment_never_named_is_taken_back(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await scheduled(a_world, ada, 3)
    await ada.command("/segment")
    await see(ada, "Scheduled for")
    await ada.click("Change the day")
    ada.fill("Was the day a mistake?", ["Segment has named no day"])
    await ada.submit()
    await see(ada, "Sent to Segment: reported by")
    assert "Scheduled for" not in ada.modal.text
    await told(ada, "was sent to Segment, as @Ada Okafor reported")
    await told(mira, "reported before, was a mistake", "#customers")
    await ada.close(everything=True)
    await minutes_pass(a_world, 4 * 24 * 60)
    assert DID_IT_START not in " ".join(each.visible_text for each in ada.messages())
    await minutes_pass(a_world, 2 * 24 * 60)  # the usual reminder comes all the same
    await told(ada, "The request is with Segment, which starts the Replay by hand")


async def test_a_csm_takes_a_wrong_day_back_and_the_customer_hears_it(
    a_world: World, ada: Person, mira: Person
) -> None:
    await scheduled(a_world, ada, 3)
    await card_says(mira, "scheduled by Segment")
    await more(mira, "Mark the Replay as…")
    await see(mira, "What does Segment say?")
    mira.fill("The Replay is", "Not scheduled: the day reported before is a mistake")
    await mira.submit()
    await told(ada, "Segment has named no day for your Replay for Acme Inc")
    await told(ada, "was sent to Segment, as @Ada Okafor reported")


async def test_a_day_of_the_wrong_customer_leaves_the_request_to_be_sent(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.close(everything=True)
    await report(mira, "Scheduled", day=days_ahead(a_world, 5), ticket="4711")
    await card_says(mira, "ticket 4711")
    await more(mira, "Mark the Replay as…")
    await see(mira, "If the one that stands here is a mistake, too, empty it.")
    mira.fill("The Replay is", "Not scheduled: the day reported before is a mistake")
    mira.fill("Segment’s ticket number", "")
    await mira.submit()
    await card_says(mira, "Replay request written, not sent to Segment")
    news = await told(ada, "Segment has named no day for your Replay for Acme Inc")
    assert "send the request to Segment, then say so here" in news.visible_text
    letter = await told(ada, "Workspace slug: acme")
    await ada.click("I’ve sent it to Segment", message=letter)
    await told(ada, "was sent to Segment, as @Ada Okafor reported")
