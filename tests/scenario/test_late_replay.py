"""A Replay that nobody has heard of for too long: whoever looks sees the same of it."""

import pytest

from playground.slack.person import Person
from tests.scenario.looking import card_says
from tests.scenario.story import days_ahead, see, told
from tests.scenario.test_j8_csm_and_customer import card, report
from tests.scenario.test_not_sent import days_with_data, is_reported_as_sent
from tests.support.world import World, soon

LATE = "Next: ask ada how far the Replay is, since it is late"


@pytest.mark.parametrize("is_owned", [True, False])
async def test_board_and_card_call_for_somebody_once_its_day_is_over(
    a_world: World, ada: Person, mira: Person, *, is_owned: bool
) -> None:
    await is_reported_as_sent(a_world, ada, mira)
    if is_owned:
        await mira.click("Claim", message=card(mira))
        await card_says(mira, "Owner: mira")
    await report(mira, "Scheduled", days_ahead(a_world, 2), "4711")
    await told(ada, "is scheduled")
    await card_says(mira, "Next: wait until Segment starts the Replay")
    await days_with_data(a_world, 4)
    await card_says(mira, LATE)
    await mira.command("/segment-csm")
    await see(mira, "1 stuck or waiting for a CSM", "The Replay is late, ask how far it is")
    await mira.close(everything=True)

    await mira.click("Message the customer", message=card(mira))
    await see(mira, "The app sends this to ada")
    mira.fill("Message", "Has Segment started it?")
    await mira.submit()
    await ada.command("/segment")
    await see(ada, "Running: not reported yet")
    await ada.submit()
    await see(ada, "Running: reported by")
    await ada.close(everything=True)
    await card_says(mira, "Next: wait until Segment has run the Replay")
    await soon(lambda: "ask ada" not in card(mira).visible_text)
    await mira.command("/segment-csm")
    await see(mira, "1 in progress")
    assert "The Replay is late" not in mira.modal.text
