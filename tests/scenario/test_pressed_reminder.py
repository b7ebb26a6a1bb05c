"""A reminder that was answered says at once what it says from then on."""

import pytest

from playground.slack.person import Person
from tests.scenario.passing import settled
from tests.scenario.story import minutes_pass, reach_replay, told
from tests.scenario.test_help_and_delegation import message_of
from tests.support.world import World

SENT = "I’ve sent it already"


@pytest.fixture
def other_settings() -> dict[str, str]:
    return {"reminder_hours": "always"}


async def test_what_the_press_draws_stays(a_world: World, ada: Person) -> None:
    await reach_replay(a_world, ada)
    await ada.submit()
    await told(ada, "Workspace slug: acme")
    await ada.close(everything=True)
    await minutes_pass(a_world, 3 * 24 * 60)
    reminder = await told(ada, SENT)
    await settled(a_world)
    await a_world.stop_bot()
    await a_world.start_bot(worker=False)
    await ada.click(SENT, message=reminder)
    at_once = message_of(ada, reminder)
    assert at_once.visible_text.startswith("Done: ")
    assert at_once.buttons == []
    await a_world.stop_bot()
    await a_world.start_bot()
    await settled(a_world)
    assert message_of(ada, reminder).visible_text == at_once.visible_text
    await ada.click("It’s running", message=await told(ada, "was sent to Segment, as @Ada Okafor"))
    await told(ada, "is running, as @Ada Okafor reported")
