"""What a CSM rejects stays rejected until it is corrected, and every way out of it leads on."""

from typing import Any

import pytest

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from playground.slack.typing_in import NotVisible
from tests.scenario.looking import answer, as_it_was, card_says, thread
from tests.scenario.story import (
    SOURCES,
    choose_sources,
    days_ahead,
    enter_token,
    let_data_arrive,
    minutes_pass,
    see,
    token,
    told,
)
from tests.scenario.test_j2_team import FINISHED, UPGRADED_WHEN, change_plan
from tests.scenario.test_j8_csm_and_customer import REASON, line, more, report, requested
from tests.support.world import World, soon

CORRECT_REPLAY = "Toplyne asks you to correct your Replay request."


def menu_of(message: VisibleMessage) -> list[dict[str, Any]]:
    """The options of a card's menu."""
    elements = (each for block in message.blocks for each in block.get("elements", ()))
    return next(each["options"] for each in elements if each["type"] == "overflow")


async def reject(csm: Person, what: str, why: str) -> None:
    await more(csm, "Reject…")
    await see(csm, "What should the customer correct?")
    csm.fill(REASON, what)
    csm.fill("Reason", why)
    await csm.submit()
    await soon(lambda: csm.modal is None)


async def test_a_replay_sent_back_on_team_leaves_the_two_ways_of_team(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await reject(mira, "The Replay request", "You are on Team, which has no Replay.")
    heard = await told(ada, CORRECT_REPLAY)
    assert heard.buttons[0] == "Correct it"
    await change_plan(ada, "Team")
    await card_says(mira, "plan is not Business", "Plan: Team")
    await ada.command("/segment")
    await see(ada, "History needs the Business plan", "You are on Team")
    await ada.click("Finish with live data only")
    await see(ada, FINISHED)
    await card_says(mira, "finished, with live data only")
    await soon(lambda: not newest(ada, heard.ts).buttons)

    await ada.click("Get the history after all")
    await see(ada, "History needs the Business plan")
    await ada.click("We upgraded to Business")
    await see(ada, UPGRADED_WHEN)
    ada.fill(UPGRADED_WHEN, days_ahead(a_world, 0))
    await ada.submit()
    await see(ada, "Toplyne asks you to correct this: You are on Team, which has no Replay.")
    await ada.submit()
    await see(ada, "word for word")
    await ada.submit()
    await see(ada, "Request, version 2", "Sent to Segment: not reported yet")


async def test_the_old_request_of_a_set_up_that_ended_without_history_is_not_sent_back(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await change_plan(ada, "Team")
    await ada.command("/segment")
    await see(ada, "History needs the Business plan")
    await ada.click("Finish with live data only")
    await see(ada, FINISHED)
    await card_says(mira, "finished, with live data only")
    await more(mira, "Reject…")
    await see(mira, "What should the customer correct?")
    with pytest.raises(NotVisible):
        mira.fill(REASON, "The Replay request")


async def test_two_things_sent_back_are_both_corrected(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.close(everything=True)
    await report(mira, "Finished, as Segment says")
    await card_says(mira, "finished, with history")
    await reject(mira, "The Replay request", "Only one month came.")
    await card_says(mira, "Replay request rejected")
    await reject(mira, "The chosen sources", "Please add Backend.")
    heard = await told(ada, "Toplyne asks you to correct which sources you chose.")
    await ada.click("Correct it", message=heard)
    await see(ada, "Toplyne asks you to correct this: Please add Backend.")
    await choose_sources(ada, "Web app", "Backend")
    await card_says(mira, "Replay request rejected; the customer must correct it")
    await ada.close(everything=True)

    await ada.click("Correct it", message=await told(ada, CORRECT_REPLAY))
    await see(ada, "Toplyne asks you to correct this: Only one month came.")
    await ada.submit()
    await see(ada, "word for word")
    await ada.submit()
    await see(ada, "Request, version 2")
    await card_says(mira, "Replay request written, not sent to Segment")
    await report(mira, "Finished, as Segment says")
    await card_says(mira, "finished, with history")


async def test_what_was_sent_back_is_not_finished_by_a_window_that_was_open(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await more(mira, "Mark the Replay as…")
    await see(mira, "What does Segment say?")
    tom = a_world.person("tom")
    await reject(tom, "The Replay request", "Ask for 24 months.")
    await told(ada, CORRECT_REPLAY)
    await ada.click("It’s finished")
    await see(
        ada,
        "Toplyne has sent the Replay request back, so nothing was reported of it.",
        "Toplyne asks you to correct this: Ask for 24 months.",
    )
    mira.fill("The Replay is", "Finished, as Segment says")
    await mira.submit()
    await see(mira, "What happened: Replay request rejected by tom")
    await mira.close(everything=True)
    shown = await card_says(mira, "Replay request rejected; the customer must correct it")
    offered = [one["text"]["text"] for one in menu_of(shown)]
    assert "Mark the Replay as…" not in offered
    assert "Reject…" in offered

    await ada.submit()
    await see(ada, "word for word")
    await ada.submit()
    await see(ada, "Request, version 2")
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await ada.click("It’s finished")
    await card_says(mira, "finished, with history")


async def test_an_end_names_what_is_still_sent_back(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.close(everything=True)
    await reject(mira, "The chosen sources", "Please add Backend.")
    await told(ada, "Toplyne asks you to correct which sources you chose.")
    await report(mira, "Finished, as Segment says")
    await line(mira, "still open: sources rejected; the customer must correct them")
    assert "nothing is left open" not in "\n".join(thread(mira))


async def test_a_replay_that_has_finished_is_not_called_running_once_it_is_sent_back(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await ada.close(everything=True)
    await report(mira, "Finished, as Segment says")
    await card_says(mira, "finished, with history")
    await reject(mira, "The Replay request", "Only one month came.")
    await ada.click("Correct it", message=await told(ada, CORRECT_REPLAY))
    await see(ada, "The Replay of version 1 has finished, as was reported.")
    await see(ada, "its text asks Segment for one more Replay")
    assert "Segment runs version 1" not in ada.modal.text
    await ada.submit()
    await see(ada, "word for word", "it has finished. We ask for one more Replay")
    assert "begun" not in ada.modal.text
    await ada.submit()
    await see(ada, "Request, version 2", "Sent to Segment: not reported yet")


async def test_what_was_sent_back_of_another_workspace_is_over_and_keeps_its_name(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.close(everything=True)
    await reject(mira, "The Replay request", "Ask for 24 months.")
    await told(ada, CORRECT_REPLAY)
    await reject(mira, "The credentials", "Wrong workspace, use Beacon.")
    heard = await told(ada, "could not confirm your Segment workspace Acme Inc")
    await ada.click("Correct it", message=heard)
    await see(ada, "Access token")
    await enter_token(ada, token(a_world, "beacon"))
    await see(ada, SOURCES)
    over = await told(ada, "could not confirm your Segment workspace Acme Inc")
    await soon(lambda: "Correct it" not in newest(ada, over.ts).buttons)
    assert "Acme Inc. The reason given: “Wrong workspace" in newest(ada, over.ts).visible_text

    await choose_sources(ada, "App")
    let_data_arrive(a_world, "beacon", "App")
    await minutes_pass(a_world, 20)
    await ada.click("Check again")
    await see(ada, "App: arriving")
    await ada.submit()
    await see(ada, "word for word", "Workspace: Beacon")
    assert "Ask for 24 months." not in ada.modal.text
    await ada.submit()
    await see(ada, "Request, version 1")
    await card_says(mira, "Replay request written, not sent to Segment")


def newest(person: Person, ts: str) -> VisibleMessage:
    return next(each for each in person.messages() if each.ts == ts)


async def test_what_was_reached_stays_while_something_is_sent_back(
    a_world: World, ada: Person, mira: Person
) -> None:
    await requested(a_world, ada, mira)
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await ada.close(everything=True)
    await reject(mira, "The chosen sources", "Please add Backend.")
    await told(ada, "Toplyne asks you to correct which sources you chose.")
    await ada.command("/segment status")
    await a_world.work_off()
    state = answer(ada).visible_text
    assert "Live sync: ✓ done" in state
    assert "History: waiting. The request is with Segment" in state
    await report(mira, "Finished, as Segment says")
    summary = await told(ada, "Segment is connected to Toplyne, with live data and history.")
    assert "later" not in summary.visible_text
    assert "History: ✓ done" in summary.visible_text
    shown = await card_says(mira, "sources rejected", "Reached: finished, with history")
    snooze, older = "Snooze reminders…", as_it_was(shown)
    assert snooze in [one["text"]["text"] for one in menu_of(shown)]
    await more(mira, snooze)
    await see(mira, "For how long")
    await ada.click("Correct it", message=await told(ada, "correct which sources"))
    await see(ada, "Please add Backend.")
    await choose_sources(ada, "Web app", "Backend")
    shown = await card_says(mira, "finished, with history", "Waiting on: you")
    assert snooze not in [one["text"]["text"] for one in menu_of(shown)]

    mira.fill("No reminder for", "3 days")
    await mira.submit()
    await soon(lambda: mira.modal.title == "Too late")
    await mira.close(everything=True)
    await mira.click("csm_more", message=older, option=snooze)
    too_late = "so I changed nothing"
    await soon(lambda: too_late in answer(mira, "#customers").visible_text)
    await more(mira, "Set the Toplyne account…")
    await see(mira, "Account")
