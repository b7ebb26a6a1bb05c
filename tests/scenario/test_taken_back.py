"""What only a CSM can say, said by mistake, is taken back, and the customer hears it."""

import pytest

from playground.slack.person import Person
from tests.scenario.looking import card_says
from tests.scenario.story import see, told
from tests.scenario.test_j3_free import SLUG, reach_arrival
from tests.scenario.test_j8_csm_and_customer import REASON, line, more, report
from tests.scenario.test_not_sent import is_reported_as_sent
from tests.support.world import World, soon

ARRIVES = "“Data is arriving”, which was a mistake"
HAS_HISTORY = "Finished, and Toplyne has the history"
HAS_NONE = "Toplyne does not have the history after all"


def buttons_of(person: Person, ts: str) -> list[str]:
    """The buttons that this message has by now."""
    return next(each.buttons for each in person.messages() if each.ts == ts)


@pytest.mark.parametrize("is_reported", [True, False])
async def test_history_that_is_not_there_is_waited_for_again(
    a_world: World, ada: Person, mira: Person, *, is_reported: bool
) -> None:
    await is_reported_as_sent(a_world, ada, mira)
    if is_reported:
        await report(mira, "Finished, as Segment says")
        await card_says(mira, "check in Toplyne whether the history has arrived")
    await report(mira, HAS_HISTORY)
    heard = await told(ada, "Toplyne has the history of Acme Inc")
    await card_says(mira, "Waiting on: nobody")
    await report(mira, HAS_NONE)
    if is_reported:
        await told(ada, "it does not have the history of Acme Inc yet")
        await line(mira, "History not there after all: mira took that back.")
        await card_says(mira, "check in Toplyne whether the history has arrived")
    else:  # nobody else had said that it has finished
        await told(ada, "has not finished after all")
        await card_says(mira, "sent to Segment, not running yet")
    await soon(lambda: not buttons_of(ada, heard.ts))
    await report(mira, HAS_HISTORY)
    await card_says(mira, "finished, with history", "Waiting on: nobody")
    await ada.command("/segment")
    await see(ada, "history")
    await ada.close(everything=True)


@pytest.mark.parametrize("what", [ARRIVES, "The credentials"])
async def test_data_that_does_not_arrive_is_looked_for_again(
    a_world: World, ada: Person, mira: Person, what: str
) -> None:
    await reach_arrival(ada, mira)
    await ada.close(everything=True)
    await mira.click("Data is arriving")
    heard = await told(ada, "Toplyne sees your data arrive")
    await card_says(mira, "finished, with live data only")
    await more(mira, "Reject…")
    await see(mira, "What should the customer correct?")
    mira.fill(REASON, what)
    mira.fill("Reason", "I had looked at another customer")
    await mira.submit()
    await soon(lambda: not buttons_of(ada, heard.ts))
    if what == ARRIVES:
        await told(ada, "no data of your Segment workspace corner-shop arrives there yet")
        await line(mira, "No data arrives after all: mira took that back.")
    else:
        await told(ada, "could not confirm")
        await card_says(mira, "rejected by a CSM")
        await ada.command("/segment")
        await see(ada, "I had looked at another customer")
        ada.fill(SLUG, "corner-shop")
        await ada.click("I cannot create a token")
        await card_says(mira, "confirm or reject it")
        await ada.close(everything=True)
        await mira.click("Confirm")
    await card_says(mira, "check in Toplyne whether their data arrives, then say so here")
    await mira.click("Data is arriving")
    await card_says(mira, "finished, with live data only")
