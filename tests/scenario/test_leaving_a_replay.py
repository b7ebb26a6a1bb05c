"""Leaving while Segment has the Replay request: it goes on there, and everybody is told."""

from datetime import timedelta

from playground.slack.person import Person
from tests.scenario.story import change_request, days_ahead, reach_replay, see, told
from tests.scenario.test_disconnect import REMAINS
from tests.scenario.test_j8_csm_and_customer import line, report, requested
from tests.support.world import World


async def test_disconnecting_says_that_segment_goes_on_with_the_replay(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.close(everything=True)
    await report(mira, "Scheduled", days_ahead(a_world, 3), "4711")
    await told(ada, "is scheduled")
    await ada.command("/segment disconnect")
    runs = "your Replay request (ticket 4711): Segment goes on with it"
    await see(ada, REMAINS, runs)
    await ada.submit()
    await see(ada, "no access token of yours is here any more", REMAINS, runs)
    farewell = await told(ada, "Segment goes on with your Replay request (ticket 4711)")
    assert "so that nothing comes twice" in farewell.visible_text
    await line(mira, "credentials deleted. Segment still has their Replay request, ticket 4711.")
    await ada.close(everything=True)
    await ada.click("Connect again", message=farewell)
    await see(ada, "Which Segment plan do you have?")

    await reach_replay(a_world, ada)
    await see(ada, "word for word", "a Replay of Web app from", "brings that once more")
    await change_request(ada)
    ada.fill("From", days_ahead(a_world, -900))
    ada.fill("To", (a_world.segment.now() - timedelta(days=500)).isoformat())
    await ada.submit()
    preview = await see(ada, "word for word")
    assert "once more" not in preview.text


async def test_nothing_is_said_of_a_replay_that_segment_never_got(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.close(everything=True)
    await ada.command("/segment disconnect")
    asked = await see(ada, REMAINS)
    await ada.submit()
    done = await see(ada, "no access token of yours is here any more", REMAINS)
    farewell = await told(ada, "Segment is disconnected. Deleted here")
    await line(mira, "credentials deleted.")
    assert "Replay" not in asked.text + done.text + farewell.visible_text
