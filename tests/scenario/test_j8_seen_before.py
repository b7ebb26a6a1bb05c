"""J8: a CSM presses what shows an earlier state. Their word counts for what they saw."""

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import as_it_was, card_says
from tests.scenario.story import choose_plan, days_ahead, see, told
from tests.scenario.test_install import revoke
from tests.scenario.test_j3_free import reach_arrival, reach_confirming
from tests.scenario.test_j8_csm_and_customer import card, line, more, report, requested
from tests.scenario.test_j9_lines import ask
from tests.scenario.test_not_sent import NOT_SENT, is_reported_as_sent
from tests.scenario.test_rights import PEOPLE, open_manage
from tests.support.world import World, soon

LATE = "This was already decided, or has changed"


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


async def test_the_second_of_two_csms_reads_who_was_faster_and_goes_on(
    a_world: World, ada: Person, mira: Person
) -> None:
    """Both have the same windows open: one answers, claims and reports before the other."""
    tom = a_world.person("tom")
    await choose_plan(ada, "Business")
    await ask(ada, "Which role do I need?")
    await card_says(mira, "Open: ada asked for help")
    for csm, words in ((mira, "Workspace Owner."), (tom, "Any role will do.")):
        await csm.click("Answer", message=card(csm))
        await see(csm, "Which role do I need?")
        csm.fill("Message", words)
    await mira.submit()
    await told(ada, "Workspace Owner.")
    await tom.submit()
    await see(tom, "I changed nothing", "mira", "Any role will do.")
    assert not [m for m in ada.messages() if "Any role will do." in m.visible_text]
    await tom.close(everything=True)
    await tom.click("Answer", message=await line(tom, "Which role do I need?"))
    await see(tom, "answered this already")
    tom.fill("Message", "The role Workspace Owner, to be exact.")
    await tom.submit()
    await told(ada, "The role Workspace Owner, to be exact.")

    await tom.click("Assign…", message=card(tom))
    await see(tom, "Who looks after this customer")
    tom.fill("CSM", "tom")
    await mira.click("Claim", message=card(mira))
    await card_says(mira, "Owner: mira")
    await tom.submit()
    await see(tom, "I changed nothing", "mira")
    await tom.close(everything=True)
    await card_says(mira, "Owner: mira")
    await tom.click("Assign…", message=card(tom))
    await see(tom, "Who looks after this customer")
    tom.fill("CSM", "tom")
    await tom.submit()
    await card_says(mira, "Owner: tom")


async def test_what_a_colleague_reported_of_segments_answer_meanwhile_stays(
    a_world: World, ada: Person, mira: Person
) -> None:
    tom = a_world.person("tom")
    await is_reported_as_sent(a_world, ada, mira)
    first = {"day": days_ahead(a_world, 3), "ticket": "4711"}
    for mark, said, shown in (
        ("Scheduled", first, "ticket 4711"),
        (NOT_SENT, {}, "not sent"),
    ):
        await more(tom, "Mark the Replay as…")
        await see(tom, "What does Segment say?")
        tom.fill("The Replay is", "Scheduled")
        tom.fill("Promised day", days_ahead(a_world, 9))
        tom.fill("Segment’s ticket number", "4712")
        await report(mira, mark, **said)
        await card_says(mira, shown)
        await tom.submit()
        await see(tom, "I changed nothing", "mira", shown, "4712")
        await tom.close(everything=True)
        assert "4712" not in (await card_says(mira, shown)).visible_text
    await report(tom, "Scheduled", day=days_ahead(a_world, 9), ticket="4712")
    await card_says(mira, "ticket 4712")


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


async def test_who_was_added_is_named_in_the_thread_and_who_was_faster_to_who_comes_late(
    a_world: World, ada: Person, mira: Person
) -> None:
    tom = a_world.person("tom")
    await choose_plan(ada, "Business")
    await ada.close()
    shown = as_it_was(await card_says(mira, "no access token yet"))
    await mira.click("Claim", message=shown)
    await card_says(mira, "Owner: mira")
    for people, said in ((["grace"], "; now also grace."), ([], "; no longer grace.")):
        await open_manage(ada, "Change who can")
        await see(ada, PEOPLE)
        ada.fill(PEOPLE, people)
        await ada.submit()
        await line(mira, f"ada changed who can manage the set-up{said}")
    await too_late(tom, "Claim", shown, "What happened: Claimed by mira.")
    await tom.click("Give back", message=card(tom))
    await card_says(tom, "Owner: nobody yet")
    await tom.click("Claim", message=card(tom))
    await card_says(tom, "Owner: tom")


async def test_a_customer_who_uninstalled_is_not_spoken_of_as_to_customers(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    shown = as_it_was(await card_says(mira, "version 1"))
    prepared = await line(mira, "Replay request 1 prepared")
    await mira.click("Message the customer", message=shown)
    await see(mira, "The app sends this to ada")
    await revoke(a_world, "app_uninstalled")
    await card_says(mira, "app uninstalled, data deleted")
    mira.fill("Message", "Are you leaving?")
    await mira.submit()
    (beside,) = mira.modal.errors.values()
    assert "they have uninstalled the app" in beside
    await mira.close(everything=True)
    presses = [("csm_more", "Reject…"), ("csm_more", "Set the Toplyne account…")]
    for button, option in [*presses, ("Claim", None), ("Message the customer", None)]:
        answers = len(_answers(mira))
        await mira.click(button, message=shown, **({"option": option} if option else {}))
        await mira.wait_for(lambda many=answers: len(_answers(mira)) > many)
        said = _answers(mira)[-1]
        assert "they have uninstalled the app" in said
        assert "Nothing was changed" in said
        assert "type /segment to" not in said
    await mira.click("See the request", message=prepared)
    await mira.wait_for(lambda: len(_answers(mira)) > len(presses) + 2)
    assert "they have uninstalled the app" in _answers(mira)[-1]
    assert mira.modal is None


def _answers(csm: Person) -> list[str]:
    return [m.visible_text for m in csm.messages("#customers") if m.is_ephemeral]
