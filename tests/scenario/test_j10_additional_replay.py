"""J10: a Replay after a Replay asks only for the sources whose history is missing."""

import pytest

from playground.slack.person import Person
from playground.slack.typing_in import NotVisible
from tests.scenario.looking import card_says
from tests.scenario.story import (
    SOURCES,
    choose_sources,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    told,
)
from tests.scenario.test_j8_csm_and_customer import card, more, report
from tests.scenario.test_news_of_colleagues import says
from tests.support.world import World, soon


async def first_replay_runs(world: World, ada: Person) -> None:
    """Web app delivers, Backend does not; the Replay of Web app is requested and finishes."""
    await reach_live_sync(world, ada, "Web app", "Backend")
    let_data_arrive(world, "acme", "Web app")
    await minutes_pass(world, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving")
    await ada.submit()
    await see(ada, "word for word", "Left out, because no event of it has reached Toplyne yet")
    await ada.submit()
    await see(ada, "Sent to Segment: not reported yet")
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await ada.click("It’s finished")
    await see(ada, "is connected to Toplyne, with live data and history")
    await ada.close(everything=True)


async def test_an_additional_request_leaves_what_has_run(
    a_world: World, ada: Person, mira: Person
) -> None:
    await first_replay_runs(a_world, ada)
    first = await told(ada, "The Replay for Acme Inc has finished")
    await ada.command("/segment replay")
    await see(ada, "Request, version 1")
    await ada.click("Back")
    await see(ada, "Check again")
    let_data_arrive(a_world, "acme", "Backend")
    await minutes_pass(a_world, 10)
    await see(ada, "Backend: arriving", "Backend delivers now; its history is missing.")
    news = await told(ada, "The first events of Backend have reached Toplyne")
    assert "did not bring its history" in news.visible_text
    await ada.close(everything=True)

    await ada.click("Request its history", message=news)
    await see(ada, "This asks for the history of Backend. That of Web app has come already")
    await see(ada, "word for word", "in addition to an earlier Replay, which has finished")
    assert "Source: Web app" not in ada.modal.text
    assert "takes its place" not in ada.modal.text
    await ada.submit()
    await see(ada, "Request, version 2", "Version 1, the history of Web app")
    letter = await told(ada, "Source: Backend")
    assert "- Web app (Source ID" in letter.visible_text

    await ada.command("/segment status")
    again = await told(ada, "The Replay for Acme Inc has finished")
    assert again.ts == first.ts, "the first request keeps its end"
    card = await card_says(mira, "Replay request: version 2")
    assert "not sent to Segment" in card.visible_text

    await ada.click("I’ve sent it to Segment", message=letter)
    sent = await told(ada, "was sent to Segment, as")
    assert sent
    await ada.close(everything=True)
    await ada.command("/segment replay")
    await see(ada, "Sent to Segment: reported by")
    await ada.click("It’s finished")
    await see(ada, "is connected to Toplyne, with live data and history")
    await ada.close(everything=True)
    await ada.command("/segment replay")
    await see(ada, "Version 1, the history of Web app", "Request, version 2")
    assert "Request its history" not in ada.modal.buttons


async def second_is_prepared(world: World, ada: Person) -> None:
    """Backend delivers after the Replay of Web app, and a request for it is written."""
    let_data_arrive(world, "acme", "Backend")
    await minutes_pass(world, 30)
    news = await told(ada, "The first events of Backend have reached Toplyne")
    await ada.click("Request its history", message=news)
    await see(ada, "word for word")
    await ada.submit()
    await see(ada, "Request, version 2")


async def test_the_first_replay_is_confirmed_while_the_second_is_prepared(
    a_world: World, ada: Person, mira: Person
) -> None:
    await first_replay_runs(a_world, ada)
    await card_says(mira, "check in Toplyne whether the history has arrived")
    await second_is_prepared(a_world, ada)
    await card_says(mira, "Replay request written, not sent to Segment")
    await more(mira, "Mark the Replay as…")
    with pytest.raises(NotVisible):
        mira.fill("The Replay is", "Finished, and Toplyne has the history")
    mira.fill("The Replay is", "Toplyne has the history of the Replay before this request")
    await mira.submit()
    await told(ada, "Toplyne has the history of Acme Inc: the Replay has finished.")
    await card_says(mira, "Replay request written, not sent to Segment")
    await see(ada, "Sent to Segment: not reported yet")

    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await report(mira, "Finished, as Segment says")
    shown = await card_says(mira, "finished, with history", "check in Toplyne whether the history")
    await mira.click("Toplyne has the history", message=shown)
    await soon(lambda: "look in Toplyne" not in card(mira).visible_text)


async def looks_at_replay(person: Person, earlier: str) -> None:
    await person.close(everything=True)
    await person.command("/segment replay")
    await see(person, "the history of Web app", earlier)


async def test_that_the_earlier_history_is_there_is_taken_back(
    a_world: World, ada: Person, mira: Person
) -> None:
    await first_replay_runs(a_world, ada)
    await second_is_prepared(a_world, ada)
    await card_says(mira, "Replay request written, not sent to Segment")
    earlier = "Toplyne has the history of the Replay before this request"
    mistaken = "Toplyne does not have that earlier history after all"
    await more(mira, "Mark the Replay as…")
    with pytest.raises(NotVisible):
        mira.fill("The Replay is", mistaken)
    mira.fill("The Replay is", earlier)
    await mira.submit()
    there = await told(ada, "Toplyne has the history of Acme Inc")
    await looks_at_replay(ada, "Toplyne has it")

    await report(mira, mistaken)
    news = await told(ada, "it does not have the history of Acme Inc yet")
    assert "That your Replay has finished stays reported." in news.visible_text
    await says(ada, there, "There is nothing left to do here")
    await looks_at_replay(ada, "finished, reported by")

    await report(mira, earlier)
    await says(ada, there, "Next: open the set-up")
    await looks_at_replay(ada, "Toplyne has it")


async def test_a_request_whose_source_is_not_chosen_any_more_is_withdrawn(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await first_replay_runs(a_world, ada)
    await second_is_prepared(a_world, ada)
    await ada.click("Change the request")
    await see(ada, "Which events?")
    await grace.open_home()
    await grace.wait_for(lambda: grace.home and "Change the sources" in grace.home.buttons)
    await grace.click("Change the sources")
    await see(grace, SOURCES)
    await choose_sources(grace, "Web app")
    await card_says(mira, "finished, with history")
    letter = await told(ada, "Version 2 of the Replay request is withdrawn")
    assert "I’ve sent it to Segment" not in letter.buttons
    await ada.submit()
    await see(ada, "There is nothing left to request", "with live data and history")
    await ada.close(everything=True)
    await ada.command("/segment replay")
    await see(ada, "Request, version 2", "none of its sources is chosen any more")
    assert "I’ve sent it to Segment" not in (ada.modal.submit_text, *ada.modal.buttons)
    await ada.close(everything=True)

    await grace.close(everything=True)
    await grace.open_home()
    await grace.click("Change the sources")
    await see(grace, SOURCES)
    await choose_sources(grace, "Web app", "Backend")
    await card_says(mira, "Replay request written, not sent to Segment")
    await told(ada, "Source: Backend")


async def test_what_is_changed_after_it_was_sent_warns_that_segment_may_have_begun(
    a_world: World, ada: Person
) -> None:
    await reach_live_sync(a_world, ada)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving")
    await ada.submit()
    await see(ada, "word for word")
    await ada.submit()
    await see(ada, "Sent to Segment: not reported yet")
    await ada.click("Change the request")
    await see(ada, "was not sent to Segment yet")
    assert "may have begun" not in ada.modal.text
    await ada.click("Back")
    await see(ada, "Sent to Segment: not reported yet")
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await ada.click("Change the request")
    await see(ada, "Segment has version 1 of your request already", "may have begun it")
    await ada.submit()
    await see(ada, "word for word", "may have begun it", "If you have begun that one already")
