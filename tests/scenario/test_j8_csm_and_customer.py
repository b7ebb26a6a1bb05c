"""J8: a CSM looks after a customer, writes to them, and reports on the Replay."""

import secrets
from datetime import timedelta

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import as_it_was, card_says, cards, thread
from tests.scenario.passing import settled
from tests.scenario.story import choose_plan, days_ahead, reach_replay, see, told
from tests.scenario.test_install import revoke
from tests.support.world import World, soon

REASON = "What should be corrected?"


def card(csm: Person) -> VisibleMessage:
    (only,) = cards(csm)
    return only


async def line(csm: Person, text: str) -> VisibleMessage:
    """Waits for a line in the thread."""
    found: VisibleMessage = await told(csm, text, "#customers")
    assert found.thread_ts == card(csm).ts
    return found


async def more(csm: Person, choice: str) -> None:
    """The menu of the card."""
    await csm.click("csm_more", message=card(csm), option=choice)


async def requested(world: World, customer: Person, csm: Person) -> None:
    await reach_replay(world, customer)
    await customer.submit()
    await card_says(csm, "Replay request written, not sent to Segment")


async def test_a_csm_looks_after_a_customer_from_the_first_word_to_the_history(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await mira.click("Claim", message=card(mira))
    await card_says(mira, "Owner: mira")
    await line(mira, "Claimed by mira.")

    await mira.click("Message the customer", message=card(mira))
    await see(mira, "The app sends this to ada as a direct message")
    mira.fill("Message", "Did *Segment* answer <you> yet?")
    await mira.submit()
    await line(mira, "mira wrote to ada:")
    heard = await told(ada, "mira from Toplyne writes to you:")
    assert "Did *Segment* answer <you> yet?" in heard.visible_text

    await ada.click("Reply", message=heard)
    await see(ada, "Toplyne’s team reads your answer")
    ada.fill("Answer", "Yes: on Monday, ticket 4711")
    await ada.submit()
    assert "Your answer is on its way" in ada.modal.text
    answered = await line(mira, "ada answers:")
    assert "Yes: on Monday, ticket 4711" in answered.visible_text
    assert f"<@{mira.user.id}>" in str(answered.blocks)
    await card_says(mira, "Open: ada wrote back", "Next: answer ada, who wrote back")

    await mira.click("Answer", message=answered)
    await see(mira, "direct message")
    mira.fill("Message", "Thank you, I note it.")
    await mira.submit()
    await told(ada, "Thank you, I note it.")
    await soon(lambda: "Open:" not in card(mira).visible_text)

    await report(mira, "Scheduled", day=days_ahead(a_world, 2), ticket="4711")
    await told(ada, "Toplyne heard from Segment: your Replay for Acme Inc is scheduled")
    await card_says(mira, "Replay: scheduled by Segment for", "ticket 4711")
    await report(mira, "Running")
    await told(ada, "Toplyne heard from Segment: your Replay for Acme Inc is running")
    await report(mira, "Finished, and Toplyne has the history")
    await told(ada, "Toplyne has the history of Acme Inc: the Replay has finished.")
    await card_says(mira, "finished, with history", "Owner: mira")
    await line(mira, "Replay confirmed by mira: Toplyne has the history.")
    await ada.command("/segment status")
    assert mira.user.id not in everything_of(ada)


async def report(csm: Person, mark: str, day: str = "", ticket: str = "") -> None:
    await more(csm, "Mark the Replay as…")
    await see(csm, "What does Segment say?")
    csm.fill("The Replay is", mark)
    if day:
        csm.fill("Promised day", day)
        csm.fill("Segment’s ticket number", ticket)
    await csm.submit()
    await soon(lambda: csm.modal is None)


def everything_of(person: Person) -> str:
    return "\n".join(str(m.blocks) + m.text for m in person.messages(None))


async def test_secrets_are_withheld_on_both_sides_and_both_are_told(
    a_world: World, ada: Person, mira: Person
) -> None:
    secret = "sgp_" + secrets.token_hex(32)
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await mira.click("Message the customer", message=card(mira))
    await see(mira, "direct message")
    mira.fill("Message", f"Try {secret}")
    await mira.submit()
    assert "looks like a token" in str(mira.modal.errors)
    mira.fill("Message", "Shall I help?")
    await mira.submit()
    heard = await told(ada, "Shall I help?")
    await ada.click("Reply", message=heard)
    await see(ada, "Answer")
    ada.fill("Answer", f"It is {secret}")
    await ada.submit()
    assert "looks like a token" in str(ada.modal.errors)
    await line(mira, "ada tried to answer, and the text held something like a token.")
    for _ in range(3):
        await ada.submit()
        assert "looks like a token" in str(ada.modal.errors)
    ada.fill("Answer", "I have one and do not know where to put it")
    await ada.submit()
    await line(mira, "ada answers:")
    tried = [each for each in thread(mira) if "ada tried to answer" in each]
    assert len(tried) == 1, "one line for a window, however often it is sent"
    messages = [*ada.messages(None), *mira.messages("#customers")]
    assert secret not in "\n".join(str(m.blocks) + m.text for m in messages)


async def test_what_a_csm_sends_back_is_corrected_and_goes_on(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await more(mira, "Reject…")
    await see(mira, "What should the customer correct?")
    mira.fill(REASON, "The chosen sources")
    mira.fill("Reason", "Please add Backend, which sends the sign-ups.")
    await mira.submit()
    await card_says(mira, "sources rejected; the customer must correct them")
    heard = await told(ada, "Toplyne asks you to correct which sources you chose.")
    assert "Please add Backend" in heard.visible_text
    await ada.click("Correct it", message=heard)
    await see(ada, "Toplyne asks you to correct this: Please add")
    ada.fill("Which sources feed Toplyne?", ["Web app", "Backend"])
    await ada.submit()
    await card_says(mira, "Replay request written, not sent to Segment")
    await more(mira, "Reject…")
    await see(mira, "What should the customer correct?")
    mira.fill(REASON, "The Replay request")
    mira.fill("Reason", "Now with Backend, please.")
    await mira.submit()
    heard = await told(ada, "Toplyne asks you to correct your Replay request.")
    await card_says(mira, "Replay request rejected")
    await ada.click("Correct it", message=heard)
    await see(ada, "Now with Backend, please.")
    await ada.submit()
    await ada.submit()
    await line(mira, "Replay request 2 prepared by ada.")
    await card_says(mira, "Replay request written, not sent to Segment")


async def test_the_card_keeps_owner_and_account_and_is_assigned_only_within_toplyne(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await more(mira, "Set the Toplyne account…")
    await see(mira, "Which Toplyne account is this?")
    mira.fill("Account", "  Acme  (EU) ")
    await mira.submit()
    await card_says(mira, "Toplyne account: Acme (EU)")
    await line(mira, "Toplyne account set by mira: Acme (EU).")
    tom = a_world.person("tom")
    await mira.click("Assign…", message=card(mira))
    await see(mira, "Who looks after this customer from now on?")
    mira.fill("CSM", "tom")
    await mira.submit()
    await card_says(mira, f"Owner: {tom.user.name}")
    await line(mira, "Assigned to tom by mira.")
    await tom.click("Give back", message=card(tom))
    await card_says(mira, "Owner: nobody yet", "Toplyne account: Acme (EU)")


async def test_reminders_rest_when_a_csm_says_so(a_world: World, ada: Person, mira: Person) -> None:
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await more(mira, "Snooze reminders…")
    await see(mira, "For how long")
    mira.fill("No reminder for", "3 days")
    await mira.submit()
    await card_says(mira, "Reminders: snoozed until")
    await line(mira, "Reminders snoozed until")
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Toplyne" in ada.home.text)


async def snooze(csm: Person, days: str) -> None:
    await more(csm, "Snooze reminders…")
    await see(csm, "For how long")
    csm.fill("No reminder for", days)
    await csm.submit()


async def test_a_csm_does_not_end_the_quiet_that_the_customer_asked_for(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close(everything=True)
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Stop all" in str(ada.home.blocks))
    await ada.click("Change", option="Stop all")
    await card_says(mira, "asked for quiet")
    await snooze(mira, "1 day")
    assert mira.modal, "it says why not"
    assert list(mira.modal.errors.values()) == [
        "The customer stopped all reminders, so none is sent. Only they can start them again."
    ]
    await mira.close(everything=True)
    await pass_days(a_world, 4)
    assert [m.text for m in ada.messages() if "no access token yet" in m.visible_text] == []

    await ada.open_home()
    await ada.wait_for(lambda: "Remind me again" in ada.home.buttons)
    await ada.click("Remind me again")
    await snooze(mira, "1 day")
    await card_says(mira, "Reminders: snoozed until")


async def test_a_csm_does_not_shorten_a_snooze(a_world: World, ada: Person, mira: Person) -> None:
    await choose_plan(ada, "Business")
    await ada.close(everything=True)
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "1 week" in str(ada.home.blocks))
    await ada.click("Change", option="1 week")
    await card_says(mira, "Reminders: snoozed until")
    await snooze(mira, "1 day")
    assert mira.modal, "it says why not"
    (why,) = mira.modal.errors.values()
    assert why.startswith("Reminders are snoozed for longer than that already.")
    mira.fill("No reminder for", "Until the day below")
    mira.fill("Day", days_ahead(a_world, 20))
    await mira.submit()
    assert mira.modal is None
    await line(mira, "Reminders snoozed until")


async def test_the_channel_is_called_once_when_nobody_has_answered_for_a_working_day(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.click("Ask for help")
    await see(ada, "What is the difficulty?")
    await ada.submit()
    await line(mira, "ada asks for help at the access token.")
    assert "<!channel>" not in channel_text(mira)
    await pass_days(a_world, 2)
    await line(mira, "Nobody looks after this customer, and ada’s call for help")
    await pass_days(a_world, 2)
    assert channel_text(mira).count("<!channel>") == 1


def channel_text(csm: Person) -> str:
    return "\n".join(str(m.blocks) for m in csm.messages("#customers"))


async def pass_days(world: World, days: int) -> None:
    for _ in range(12 * days):  # nobody is called at night
        world.playground.clock.advance(timedelta(hours=2).total_seconds())
        await world.hear_the_time()
        await settled(world)


async def test_all_are_called_where_the_owner_has_left(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    tom = a_world.person("tom")
    await tom.click("Claim", message=card(tom))
    await card_says(mira, "Owner: tom")
    tom.user.deleted = True
    await ada.click("Ask for help")
    await see(ada, "What is the difficulty?")
    await ada.submit()
    await line(mira, "@channel ada asks for help")
    left = await card_says(mira, "Owner: tom (has left)")
    assert "Give back" not in left.buttons
    await mira.click("Claim", message=left)
    claimed = await card_says(mira, "Owner: mira")
    await mira.click("Give back", message=claimed)
    await card_says(mira, "Owner: nobody yet")
    await pass_days(a_world, 2)
    assert channel_text(mira).count("<!channel>") == 1, "they were called already"


async def test_a_customer_who_uninstalled_cannot_be_written_to(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.click("Ask for help")
    await see(ada, "What is the difficulty?")
    await ada.submit()
    asked = await line(mira, "ada asks for help")
    await revoke(a_world, "app_uninstalled")
    last = await card_says(mira, "app uninstalled, data deleted")
    assert not last.buttons
    await mira.click("Answer", message=asked)
    await told(mira, "they have uninstalled the app", "#customers")
    assert mira.modal is None


async def test_a_claim_that_came_second_changes_nothing(
    a_world: World, ada: Person, mira: Person
) -> None:
    tom = a_world.person("tom")
    await choose_plan(ada, "Business")
    shown = as_it_was(await card_says(mira, "no access token yet"))
    await mira.click("Claim", message=shown)
    await tom.click("Claim", message=shown)
    card_now = await card_says(mira, "Give back")
    first, second = (mira, tom) if "Owner: mira" in card_now.visible_text else (tom, mira)
    await line(mira, f"Claimed by {first.user.name}.")
    meanwhile = f"What happened: Claimed by {first.user.name}."
    await told(second, meanwhile, "#customers")
    assert len([text for text in thread(mira) if text.startswith("Claimed")]) == 1
