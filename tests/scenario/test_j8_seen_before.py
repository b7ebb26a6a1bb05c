"""J8: a CSM presses what shows an earlier state. Their word counts for what they saw."""

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import as_it_was, card_says
from tests.scenario.story import see, told
from tests.scenario.test_j3_free import reach_arrival, reach_confirming
from tests.scenario.test_j8_csm_and_customer import card, more, report, requested
from tests.support.world import World, soon

LATE = "needs no decision any more"


async def enters_another(customer: Person) -> None:
    """Another Segment workspace, in the window that is open."""
    await customer.click("Back")
    await see(customer, "Workspace slug")
    customer.fill("Workspace slug", "beta-shop")
    await customer.click("I cannot create a token")
    await see(customer, "beta-shop")


async def too_late(csm: Person, button: str, shown: VisibleMessage, *said: str) -> None:
    await csm.click(button, message=shown)
    words = await csm.wait_for(
        lambda: next((m for m in csm.messages("#customers") if LATE in m.visible_text), None)
    )
    assert all(each in words.visible_text for each in said)


async def test_a_card_confirms_only_the_workspace_that_it_shows(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_confirming(ada)
    shown = as_it_was(await card_says(mira, "corner-shop, not verified"))
    await enters_another(ada)
    await card_says(mira, "beta-shop, not verified")
    await too_late(mira, "Confirm", shown, "beta-shop")
    await card_says(mira, "beta-shop, not verified")
    await mira.click("Confirm", message=card(mira))
    await told(ada, "Toplyne has confirmed your Segment workspace beta-shop")


async def test_a_card_sees_data_only_of_the_workspace_that_it_shows(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_arrival(ada, mira)
    shown = as_it_was(await card_says(mira, "corner-shop, confirmed"))
    await enters_another(ada)
    await card_says(mira, "beta-shop, not verified")
    await too_late(mira, "Data is arriving", shown)
    await card_says(mira, "beta-shop, not verified")
    await mira.click("Confirm", message=card(mira))
    await card_says(mira, "beta-shop, confirmed by a CSM", "Data is arriving")
    await mira.click("Data is arriving", message=card(mira))
    await card_says(mira, "finished, with live data only", "beta-shop")


async def test_a_mark_is_about_the_request_that_was_there(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await more(mira, "Mark the Replay as…")
    await see(mira, "What does Segment say?")
    await ada.click("Change the request")
    await see(ada, "Which events?")
    await ada.submit()
    await see(ada, "word for word")
    await ada.submit()
    await card_says(mira, "version 2")
    mira.fill("The Replay is", "Running")
    await mira.submit()
    await see(mira, "I changed nothing", "request 2 prepared by ada")
    await mira.close(everything=True)
    await card_says(mira, "not sent to Segment")
    await report(mira, "Running")
    await told(ada, "Toplyne heard from Segment: your Replay for Acme Inc is running")


async def test_who_gives_back_what_is_a_colleagues_by_now_takes_nobody_away(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await mira.click("Claim", message=card(mira))
    shown = as_it_was(await card_says(mira, "Owner: mira"))
    await mira.click("Assign…", message=card(mira))
    await see(mira, "Who looks after this customer")
    mira.fill("CSM", "tom")
    await mira.submit()
    await card_says(mira, "Owner: tom")
    await too_late(mira, "Give back", shown, "tom")
    await card_says(mira, "Owner: tom")
    await mira.click("Give back", message=card(mira))
    await card_says(mira, "Owner: nobody yet")


async def test_an_account_that_a_colleague_set_meanwhile_stays(
    a_world: World, ada: Person, mira: Person
) -> None:
    tom = a_world.person("tom")
    await requested(a_world, ada, mira)
    for csm in (mira, tom):
        await more(csm, "Set the Toplyne account…")
        await see(csm, "Which Toplyne account is this?")
    tom.fill("Account", "Acme West")
    await tom.submit()
    await card_says(mira, "Acme West")
    mira.fill("Account", "Acme East")
    await mira.submit()
    await see(mira, "I changed nothing", "Acme West")
    await mira.close(everything=True)
    await more(mira, "Set the Toplyne account…")
    await see(mira, "Acme West")
    mira.fill("Account", "Acme East")
    await mira.submit()
    await card_says(mira, "Acme East")


async def test_a_message_goes_to_whom_its_window_named(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await mira.click("Message the customer", message=card(mira))
    await see(mira, "The app sends this to ada")
    await grace.command("/segment")
    await see(grace, "I’ve sent it to Segment")
    await grace.click("I’ve sent it to Segment")
    await card_says(mira, "Customer’s contact: grace")
    mira.fill("Message", "Only for you")
    await mira.submit()
    await told(ada, "Only for you")
    await soon(lambda: not mira.modal)
    assert not [m for m in grace.messages() if "Only for you" in m.visible_text]
    await mira.click("Message the customer", message=card(mira))
    await see(mira, "The app sends this to grace")
