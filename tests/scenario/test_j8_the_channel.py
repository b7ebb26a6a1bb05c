"""J8: the cards' channel is archived, left or changed, and every card comes back."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from playground.sample import ACME, TOPLYNE
from playground.slack.faults import Fault
from playground.slack.model import Channel
from playground.slack.person import Person
from tests.scenario.database import all_sent, ask
from tests.scenario.looking import answer, card_says, cards, thread
from tests.scenario.story import choose_plan, enter_token, see, token, told
from tests.support.template import sqlite_url
from tests.support.world import CUSTOMERS, World, soon, world

GENERAL = "C0TOPLGENRL"


@pytest.fixture
async def bound(tmp_path: Path) -> AsyncIterator[World]:
    """Mira has bound #customers with the command. The settings name no channel."""
    async with world(sqlite_url(tmp_path), csm_channel_id=None) as made:
        await made.start_bot()
        await made.install()
        mira = made.person("mira")
        await mira.command("/segment-csm here", "#customers")
        await mira.wait_for(lambda: cards(mira))
        yield made
        made.slack.breach_free()


async def test_an_archived_channel_is_told_once_and_another_one_gets_all_cards(
    bound: World,
) -> None:
    ada, mira = bound.person("ada"), bound.person("mira")
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    bound.slack.channels[CUSTOMERS].is_archived = True
    await enter_token(ada, token(bound, "acme"))
    lost = await told(mira, "The channel of the status cards, #customers, is archived")
    assert "/segment-csm here" in lost.visible_text
    app = bound.slack.installations[TOPLYNE.id].bot_user_id
    bound.slack.channels[GENERAL].members.append(app)  # somebody invites it
    await mira.command("/segment-csm here", "#general")
    assert "there is one channel for all" in answer(mira, "#general").visible_text
    await card_says(mira, "no source chosen", channel="#general")
    await soon(lambda: any("Credentials verified" in t for t in thread(mira, "#general")))
    assert len([m for m in mira.messages(None) if "is archived" in m.visible_text]) == 1
    ada.fill("Which sources feed Toplyne?", ["Web app"])
    await ada.submit()
    await card_says(mira, "no Toplyne destination on Web app", channel="#general")


async def test_binding_again_posts_a_card_that_was_deleted(bound: World) -> None:
    ada, mira = bound.person("ada"), bound.person("mira")
    await choose_plan(ada, "Business")
    first = await card_says(mira, "no access token yet")
    state = bound.slack.core.state
    state.messages[:] = [m for m in state.messages if m.ts != first.ts]
    await mira.command("/segment-csm here", "#customers")
    await mira.wait_for(lambda: [m for m in cards(mira) if m.ts != first.ts])
    await told(mira, "The status card of Acme in #customers was deleted, so I posted a new one.")
    await ada.click("Ask for help")
    await see(ada, "What is the difficulty?")
    await ada.submit()
    await told(mira, "ada asks for help at the access token.", "#customers")


@pytest.fixture
def paced(bound: World) -> Iterator[World]:
    """Cards are edited once a second."""
    with patch("flows.outbox.messages.EDIT_PAUSE", timedelta(seconds=1)):
        yield bound


async def test_many_quick_changes_make_few_edits_and_the_last_state_stands(paced: World) -> None:
    bound = paced
    mira = bound.person("mira")
    await mira.wait_for(lambda: cards(mira))
    before = edits(bound)
    for number in range(10):
        (card,) = cards(mira)
        await mira.click("csm_more", message=card, option="Set the Toplyne account…")
        await see(mira, "Which Toplyne account is this?")
        mira.fill("Account", f"Account {number}")
        await mira.submit()
    await card_says(mira, "Toplyne account: Account 9")
    assert edits(bound) - before < 10


def edits(world: World) -> int:
    return sum(exchange.name == "chat.update" for exchange in world.slack.traffic)


async def test_a_channel_that_others_may_read_gets_no_cards(bound: World) -> None:
    mira, state = bound.person("mira"), bound.slack.core.state
    ours = Channel("C0OURS", TOPLYNE.id, "ours", members=[mira.user.id], is_private=True)
    state.channels[ours.id] = ours
    app, general = state.installations[TOPLYNE.id], state.channels[GENERAL]

    async def refused(where: str, why: str) -> None:
        await mira.command("/segment-csm here", where)
        said = answer(mira, where).visible_text
        assert why in said
        assert "Nothing was changed" in said
        assert ask(bound, "SELECT channel_id FROM csm_channel") == [(CUSTOMERS,)]

    await refused("#ours", "I cannot see this channel")
    ours.members.append(app.bot_user_id)
    for place, name in ((general, "#general"), (ours, "#ours")):
        place.is_ext_shared = True
        await refused(name, "shared with another company")
        place.is_ext_shared = False
    bound.slack.faults.next_calls("conversations.info", Fault(error="internal_error"))
    await mira.command("/segment-csm here", "#general")
    assert "Slack" in answer(mira, "#general").visible_text
    bound.slack.faults.next_calls("conversations.info", Fault(error="missing_scope"))
    await refused("#general", "I lack the permissions")
    direct = state.direct_messages(mira.user, app)
    await mira.command("/segment-csm here", direct.id)
    assert "not a channel" in mira.messages()[-1].visible_text
    await mira.command("/segment-csm here", "#general")
    assert "from now on" in answer(mira, "#general").visible_text


@pytest.fixture
def looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an hour."""
    for name in ("LOOKED_EVERY", "LOOKED_AGAIN"):
        monkeypatch.setattr(f"bot.outbound.channel_watch.{name}", 0.0)
    monkeypatch.setattr("bot.outbound.deliver.CHANNEL_CLOSED", 0.3)
    monkeypatch.setattr("bot.outbound.deliver.MOST_STRETCHED", 1)


async def shared_while_ada_goes_on(bound: World) -> list[str]:
    """What Mira and everybody else has read in #customers when it is shared, and nothing later."""
    ada, mira = bound.person("ada"), bound.person("mira")
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await soon(lambda: any("Plan" in line for line in thread(mira)))
    bound.slack.channels[CUSTOMERS].is_ext_shared = True
    await enter_token(ada, token(bound, "acme"))
    said = await told(mira, "#customers, is now shared with another company")
    assert "/segment-csm here" in said.visible_text
    ada.fill("Which sources feed Toplyne?", ["Web app"])
    await ada.submit()
    tries = "SELECT max(attempts) FROM outbox WHERE state = 'pending'"
    await soon(lambda: ask(bound, tries)[0][0] > 2)
    return everything_in(mira)


def everything_in(mira: Person, channel: str = "#customers") -> list[str]:
    return [message.visible_text for message in mira.messages(channel)]


@pytest.mark.usefixtures("looked_at_each_time")
async def test_a_channel_that_is_shared_later_gets_nothing_until_it_is_ours_again(
    bound: World,
) -> None:
    mira = bound.person("mira")
    read = await shared_while_ada_goes_on(bound)
    assert not any("Credentials verified" in text or "Web app" in text for text in read)
    assert len([m for m in mira.messages(None) if "is now shared" in m.visible_text]) == 1
    bound.slack.channels[CUSTOMERS].is_ext_shared = False
    await card_says(mira, "no Toplyne destination on Web app")
    await soon(
        lambda: [line.split(" ")[0] for line in thread(mira)][2:] == ["Credentials", "Sources"]
    )
    await soon(lambda: not ask(bound, "SELECT error FROM csm_trouble"))


@pytest.mark.usefixtures("looked_at_each_time")
async def test_what_waits_for_a_shared_channel_goes_to_another_one_in_order(bound: World) -> None:
    mira = bound.person("mira")
    read = await shared_while_ada_goes_on(bound)
    app = bound.slack.installations[TOPLYNE.id].bot_user_id
    bound.slack.channels[GENERAL].members.append(app)
    await mira.command("/segment-csm here", "#general")
    await card_says(mira, "no Toplyne destination on Web app", channel="#general")
    await soon(lambda: len(thread(mira, "#general")) > 2)
    words = [line.split(" ")[0] for line in thread(mira, "#general")]
    assert [word for word in words if word in ("Credentials", "Sources")] == [
        "Credentials",
        "Sources",
    ]
    assert everything_in(mira) == read, "nothing more in the shared one"
    assert len([m for m in mira.messages(None) if "is now shared" in m.visible_text]) == 1


async def test_slack_is_asked_once_an_hour_whether_others_read_it(bound: World) -> None:
    ada, mira = bound.person("ada"), bound.person("mira")
    await choose_plan(ada, "Business")
    await card_says(mira, "no access token yet")
    await enter_token(ada, token(bound, "acme"))
    await card_says(mira, "no source chosen")
    asked = [each.name for each in bound.slack.traffic].count("conversations.info")
    assert asked == 2, "when it was bound, and before the first card"


@pytest.mark.usefixtures("looked_at_each_time")
@pytest.mark.parametrize("how", ["is_archived", "restricted_action_read_only_channel", "shared"])
async def test_who_leaves_while_the_channel_is_closed_is_told_in_the_next_one(
    bound: World, how: str
) -> None:
    ada, mira = bound.person("ada"), bound.person("mira")
    await choose_plan(ada, "Business")
    former = await card_says(mira, "no access token yet")
    await mira.click("Claim", message=former)
    await card_says(mira, "Owner: mira")
    await all_sent(bound)
    channel = bound.slack.channels[CUSTOMERS]
    channel.is_archived, channel.is_ext_shared = how == "is_archived", how == "shared"
    channel.refusal = how if how.startswith("restricted") else ""
    read = everything_in(mira)
    await bound.slack.uninstall(ACME.id)
    await told(mira, "The channel of the status cards, #customers")
    app = bound.slack.installations[TOPLYNE.id].bot_user_id
    bound.slack.channels[GENERAL].members.append(app)
    await mira.command("/segment-csm here", "#general")

    await card_says(mira, "app uninstalled, data deleted", channel="#general")
    await soon(lambda: len(thread(mira, "#general")) == 1)
    (line,) = thread(mira, "#general")
    assert line.startswith("@Mira")
    assert "the former card" in line
    await all_sent(bound)
    if not channel.refusal:  # that one takes edits
        assert everything_in(mira) == read
    assert len([m for m in mira.messages(None) if "status cards" in m.visible_text]) == 1

    assert (await bound.slack.install(ACME.id, ada.user.id)).ok
    await choose_plan(ada, "Team")
    await mira.wait_for(lambda: "Plan: Team" in cards(mira, "#general")[-1].visible_text)
    assert len(cards(mira, "#general")) == 2
