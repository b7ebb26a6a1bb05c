"""J7: reminders name one time, reach somebody who may do the step, and end with a CSM."""

from playground.slack.person import Person
from tests.scenario.passing import reminders, settled
from tests.scenario.story import reach_replay, see
from tests.support.world import World


async def days_pass(world: World, days: int) -> None:
    for _ in range(days * 4):
        await world.time_passes(6 * 3600)
        await settled(world)


async def test_a_reminder_names_one_time(a_world: World, ada: Person) -> None:
    await reach_replay(a_world, ada)
    await ada.close(everything=True)
    await days_pass(a_world, 3)
    (reminder,) = reminders(ada)
    said = reminder.visible_text
    assert "Next: prepare the request for the Replay; it takes about 1 minute." in said
    assert said.count("it takes") == 1

    await ada.click("Prepare the request", message=reminder)
    await see(ada, "word for word")
    await ada.submit()
    await see(ada, "Sent to Segment: not reported yet")
