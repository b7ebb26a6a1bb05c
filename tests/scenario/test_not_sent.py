"""A Replay request that was never sent to Segment, although somebody reported it as sent."""

from playground.slack.person import Person
from tests.scenario.looking import card_says
from tests.scenario.story import minutes_pass, see, told
from tests.scenario.test_j8_csm_and_customer import line, report, requested
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
    await minutes_pass(a_world, 60)
    await ada.click("Undo", message=await told(ada, "Undo takes it back"))
    await see(ada, "ask Toplyne’s team with", "they can put it right")
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


def _newest(person: Person, ts: str) -> list[str]:
    """The buttons that this message has by now."""
    return next(each.buttons for each in person.messages() if each.ts == ts)
