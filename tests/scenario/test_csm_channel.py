"""J8, first part: one card per customer in the channel, edited in place, and its thread."""

import pytest

from bot.app import running
from playground.slack.person import Person
from tests.scenario.looking import answer, card_says, cards, thread, thread_says
from tests.scenario.story import (
    choose_plan,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    reach_replay,
    see,
    token,
    told,
)
from tests.support.world import CUSTOMERS as CHANNEL_ID
from tests.support.world import World, soon


async def test_here_binds_the_channel_and_earlier_customers_appear(unbound: World) -> None:
    ada, mira = unbound.person("ada"), unbound.person("mira")
    await choose_plan(ada, "Business")
    await enter_token(ada, token(unbound, "acme"))
    assert cards(mira) == []
    await mira.command("/segment-csm here", "#customers")
    said = answer(mira, "#customers")
    assert "Status cards of all customers appear in #customers" in said.visible_text
    await mira.wait_for(lambda: cards(mira))
    await card_says(mira, "Acme", "no source chosen", "Plan: Business (US)")
    await thread_says(
        mira,
        "Installed by ada.",
        "Plan Business, chosen by ada.",
        "Credentials verified by Segment: workspace Acme Inc.",
    )
    ada.fill("Which sources feed Toplyne?", ["Web app"])
    await ada.submit()
    await card_says(mira, "no Toplyne destination on Web app")


async def test_a_channel_that_the_settings_name_later_gets_all_that_waited(
    unbound: World,
) -> None:
    ada, mira = unbound.person("ada"), unbound.person("mira")
    await choose_plan(ada, "Business")
    await unbound.work_off()
    await unbound.stop_bot()
    await unbound.start_bot(csm_channel_id=CHANNEL_ID)
    await card_says(mira, "no access token yet", "Plan: Business")
    await thread_says(mira, "Installed by ada.", "Plan Business, chosen by ada.")


async def test_what_an_old_worker_puts_off_comes_soon(
    unbound: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes are replaced one by one, and those without the setting are still at work."""
    monkeypatch.setattr("bot.periodic.EVERY_MINUTE", 0.2)
    ada, mira = unbound.person("ada"), unbound.person("mira")
    async with running(unbound.bot_settings(csm_channel_id=CHANNEL_ID), worker=True):
        await choose_plan(ada, "Business")
        await enter_token(ada, token(unbound, "acme"))
        await card_says(mira, "no source chosen", "Plan: Business (US)")
        await thread_says(
            mira,
            "Installed by ada.",
            "Plan Business, chosen by ada.",
            "Credentials verified by Segment: workspace Acme Inc.",
        )


async def test_the_bound_channel_outlives_a_restart(unbound: World) -> None:
    ada, mira = unbound.person("ada"), unbound.person("mira")
    await mira.command("/segment-csm here", "#customers")
    await mira.wait_for(lambda: cards(mira))
    await unbound.stop_bot()
    await unbound.start_bot()
    await choose_plan(ada, "Team")
    await card_says(mira, "Plan: Team")


async def test_here_cannot_move_what_the_settings_say(a_world: World, mira: Person) -> None:
    await mira.command("/segment-csm here", "#general")
    said = answer(mira, "#general").visible_text
    assert "Status cards of all customers stay in #customers" in said
    await mira.command("/segment-csm here", "#customers")
    assert "appear in #customers" in answer(mira, "#customers").visible_text
    await mira.wait_for(lambda: cards(mira))


async def test_one_card_is_edited_in_place_through_the_whole_story(
    a_world: World, ada: Person, mira: Person
) -> None:
    first = await card_says(mira, "plan not chosen")
    await choose_plan(ada, "Business")
    await card_says(mira, "Credentials · no access token yet", "Waiting on: the customer")
    await enter_token(ada, token(a_world, "acme"))
    await card_says(mira, "Segment workspace: Acme Inc, slug acme, verified by Segment")
    ada.fill("Which sources feed Toplyne?", ["Web app"])
    await ada.submit()
    await card_says(mira, "Live sync · no Toplyne destination on Web app")
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "events delivered")
    await card_says(mira, "History · Replay not requested yet")
    await ada.submit()
    await ada.submit()
    await card_says(mira, "Replay request written, not sent to Segment")
    await ada.click("I’ve sent it to Segment")
    await card_says(mira, "sent to Segment, not running yet", "Waiting on: Segment")
    await ada.click("It’s running")
    await card_says(mira, "Replay running")
    await ada.click("It’s finished")
    await card_says(mira, "finished, with history", "Waiting on: you", "Toplyne has the history")
    await mira.click("Toplyne has the history")
    last = await card_says(mira, "finished, with history", "Waiting on: nobody")
    assert (last.ts, last.is_edited) == (first.ts, True)
    assert "finished, with history" in last.text
    still = "all events; still open: whether the history of Web app has arrived"
    summary = await told(mira, still, "#customers")
    assert "Complete: workspace Acme Inc, plan Business (US), sources" in summary.visible_text
    await thread_says(
        mira,
        "Installed by ada.",
        "Plan Business, chosen by ada.",
        "Credentials verified by Segment: workspace Acme Inc.",
        "Sources chosen by ada: Web app.",
        "Live sync started with Web app.",
        "Replay ready to be requested.",
        "Replay request 1 prepared by ada.\nSee the request",
        "Replay request sent to Segment, reported by ada.",
        "Replay running, reported by ada.",
        "Replay finished, reported by ada.",
        summary.visible_text,
        "Replay confirmed by mira: Toplyne has the history.",
    )


async def test_three_failed_tries_are_told_once_with_what_went_wrong(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    for _ in range(4):
        await enter_token(ada, token(a_world, "acme", "revoked"))
        assert ada.modal.errors
    await told(
        mira, "Stuck after several tries. Last problem: Segment refuses the access token.",
        "#customers",
    )  # fmt: skip
    await card_says(mira, "Failed tries: 4", "offer help to ada")
    assert len([line for line in thread(mira) if line.startswith("Stuck")]) == 1
    await enter_token(ada, token(a_world, "acme"))
    assert "Acme Inc is connected" in ada.modal.text
    card = await card_says(mira, "no source chosen")
    assert "Failed tries" not in card.visible_text


async def test_no_token_ever_stands_in_the_channel(
    a_world: World, ada: Person, mira: Person
) -> None:
    secret = token(a_world, "acme")
    await reach_live_sync(a_world, ada)
    await ada.click("Ask for help")
    await see(ada, "What is the difficulty?")
    await ada.submit()
    await told(mira, "ada asks for help at live sync.", "#customers")
    assert secret not in "\n".join(m.visible_text + m.text for m in mira.messages("#customers"))


async def test_people_of_another_workspace_are_named_not_mentioned(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_live_sync(a_world, ada)
    card = await card_says(mira, "Customer’s contact: ada")
    assert ada.user.id not in str(card.blocks)
    assert ada.user.id not in "\n".join(thread(mira))


async def test_a_deleted_card_comes_back(a_world: World, ada: Person, mira: Person) -> None:
    await choose_plan(ada, "Business")
    first = await card_says(mira, "no access token yet")
    a_world.slack.core.state.messages[:] = [
        m for m in a_world.slack.core.state.messages if m.ts != first.ts
    ]
    await enter_token(ada, token(a_world, "acme"))
    await soon(lambda: [m for m in cards(mira) if "Acme Inc" in m.visible_text])
    await told(mira, "Credentials verified by Segment: workspace Acme Inc.", "#customers")
    assert len(cards(mira)) == 1


async def test_the_replay_request_reaches_the_thread(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_replay(a_world, ada)
    await ada.submit()
    await told(mira, "Replay request 1 prepared by ada.", "#customers")
    await card_says(mira, "Replay request written, not sent to Segment")
