"""After the end, whoever deletes the token in Segment is shown the way out."""

from playground.slack.person import Person
from tests.scenario.looking import card_says
from tests.scenario.story import minutes_pass, see, token, told
from tests.scenario.test_not_sent import is_reported_as_sent
from tests.support.world import World


async def test_a_token_deleted_in_segment_after_the_end_can_be_deleted_here_too(
    a_world: World, ada: Person, mira: Person
) -> None:
    await is_reported_as_sent(a_world, ada, mira)
    await ada.click("It’s running", message=await told(ada, "was sent to Segment, as"))
    await ada.click("It’s finished", message=await told(ada, "is running, as"))
    await card_says(mira, "finished, with history")
    a_world.segment.revoke_token(token(a_world, "acme"))
    await minutes_pass(a_world, 60)
    await card_says(mira, "Waiting on: the customer")
    await ada.command("/segment")
    await see(ada, "Is it gone on purpose?")
    await ada.click("Delete the token now")
    await see(ada, "Delete the token")
    await ada.submit()
    await see(ada, "is connected to Toplyne, with live data and history")
    await ada.close(everything=True)
    await card_says(mira, "deleted, so nothing is watched")
    await ada.command("/segment")
    await see(ada, "is connected to Toplyne, with live data and history")
