"""J2: somebody who was asked for the plan alone says that it is Business by now."""

from playground.slack.person import Person
from tests.scenario.looking import card_says
from tests.scenario.story import PLAN, days_ahead, press_plan, see, told
from tests.scenario.test_help_and_delegation import ask, colleague
from tests.scenario.test_j2_team import UPGRADED_WHEN, back_to_plan, reach_the_choice
from tests.support.world import World


async def test_the_day_of_the_upgrade_is_part_of_the_answer(
    a_world: World, ada: Person, mira: Person
) -> None:
    bob = colleague(a_world)
    await reach_the_choice(a_world, ada)
    await back_to_plan(ada)
    await ask(ada, "bob")
    await bob.click("Show me how", message=await told(bob, "asks you to say which Segment plan"))
    await see(bob, PLAN)
    await press_plan(bob, "Business")
    await see(bob, UPGRADED_WHEN)
    bob.fill(UPGRADED_WHEN, days_ahead(a_world, 0))
    await bob.submit()
    await card_says(mira, "Plan: Business")
