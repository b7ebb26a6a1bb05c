"""J7: a reminder says what is true, to somebody who may do it."""

from playground.slack.person import Person
from tests.scenario.looking import card_says
from tests.scenario.passing import reminders, settled
from tests.scenario.story import (
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.support.world import World


async def days_pass(world: World, days: int) -> None:
    for _ in range(days * 4):
        await world.time_passes(6 * 3600)
        await settled(world)


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
    await told(ada, "The first events of Web app have reached Toplyne")
