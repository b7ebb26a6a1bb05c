"""All the ways in: words after the commands, the shortcut, and buttons in messages."""

import pytest

from playground.slack.person import Person
from tests.scenario.looking import answer, as_it_was, rows
from tests.scenario.story import choose_plan, reach_live_sync, reach_replay, see, told
from tests.support.world import World

PLAN = "Which Segment plan do you have?"


@pytest.mark.parametrize("line", ["/segment", "/segment  ", "/SEGMENT".lower()])
async def test_no_word_opens_the_set_up(a_world: World, ada: Person, line: str) -> None:
    await ada.command(line)
    await see(ada, PLAN)
    assert "somebody who is a Workspace Owner in Segment" in ada.modal.text
    assert "access to the Toplyne dashboard" in ada.modal.text
    assert "about ten minutes" in ada.modal.text


@pytest.mark.parametrize("word", ["help", "HELP", "frobnicate", "status now", "play it again"])
async def test_help_and_unknown_words_list_the_commands(
    a_world: World, ada: Person, word: str
) -> None:
    await ada.command(f"/segment {word}")
    help_text = answer(ada)
    for command in ("/segment", "/segment status", "/segment replay", "/segment disconnect"):
        assert command in help_text.visible_text
    assert help_text.is_ephemeral
    assert help_text.buttons == ["Open the set-up", "Ask for help"]
    is_help = word.casefold() == "help"
    assert ("I do not know that word" in help_text.visible_text) is not is_help
    assert "frobnicate" not in help_text.visible_text
    await ada.click("Open the set-up", message=help_text)
    await see(ada, PLAN)


@pytest.mark.parametrize("word", ["status", "Status", "STATUS "])
async def test_words_are_read_in_any_case(a_world: World, ada: Person, word: str) -> None:
    await ada.command(f"/segment {word}")
    assert "Plan: → now" in answer(ada).visible_text


async def test_replay_says_what_it_still_needs_and_leads_there(a_world: World, ada: Person) -> None:
    await ada.command("/segment replay")
    await see(ada, "The Replay cannot be requested yet", "The Segment plan must be Business.")
    assert "Live sync must have started." in ada.modal.text
    await ada.click("Choose the plan")
    await see(ada, PLAN)
    await ada.close()
    await reach_live_sync(a_world, ada)
    await ada.close()
    await ada.command("/segment replay")
    await see(ada, "The Segment plan is Business.", "Live sync must have started.")
    assert "connect Toplyne as a destination for Web app" in ada.modal.text
    await ada.click("Go to live sync")
    await see(ada, "Web app: no Toplyne destination")


async def test_replay_opens_the_preview_and_later_its_state(a_world: World, ada: Person) -> None:
    await reach_replay(a_world, ada)
    await ada.close()
    await ada.command("/segment replay")
    await see(ada, "runs the Replay by hand", "Source: Web app")
    await ada.submit()
    await ada.close()
    await ada.command("/segment replay")
    await see(ada, "version 1, by @Ada Okafor", "Sent to Segment: not reported yet")


async def test_the_global_shortcut_resumes(a_world: World, ada: Person, grace: Person) -> None:
    await ada.shortcut("connect_segment")
    await see(ada, PLAN)
    await ada.close()
    await choose_plan(ada, "Business")
    await ada.close()
    await grace.shortcut("connect_segment")
    await see(grace, "Create an access token in Segment")


async def test_the_welcome_message_opens_the_set_up(a_world: World, ada: Person) -> None:
    welcome = await told(ada, "is now in this Slack workspace")
    assert welcome.buttons == ["Start the set-up"]
    assert "/segment" in welcome.text
    await ada.click("Start the set-up", message=welcome)
    await see(ada, PLAN)


async def test_a_button_of_an_old_message_opens_where_things_are_now(
    a_world: World, ada: Person
) -> None:
    welcome = as_it_was(await told(ada, "is now in this Slack workspace"))
    await reach_live_sync(a_world, ada)
    await ada.close()
    await ada.click("Start the set-up", message=welcome)
    await see(ada, "Web app: no Toplyne destination")
    assert rows(a_world, "integrations") == 1


async def test_the_message_with_the_request_reports_what_became_of_it(
    a_world: World, ada: Person, grace: Person
) -> None:
    await reach_replay(a_world, ada)
    await ada.submit()
    await ada.close()
    request = await told(ada, "ready to be sent to Segment")
    assert "I’ve sent it to Segment" in request.buttons
    await ada.click("I’ve sent it to Segment", message=request)
    await told(ada, "was sent to Segment, as @Ada Okafor reported")
    await ada.click("It’s running", message=request)
    await told(ada, "is running, as @Ada Okafor reported")
    await ada.click("It’s finished", message=request)
    done = await told(ada, "has finished, as @Ada Okafor reported")
    assert "I’ve sent it to Segment" not in done.buttons
    assert len([m for m in ada.messages() if "The Replay for" in m.visible_text]) == 1


async def test_writing_to_the_app_points_to_what_it_can_do(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await ada.close()
    await ada.say(None, "hello, is anybody there?")
    hint = await told(ada, "I cannot answer messages here")
    assert "create an access token in Segment and enter it" in hint.visible_text
    assert hint.buttons == ["Enter the token", "Ask for help"]
    await ada.click("Enter the token", message=hint)
    await see(ada, "Create an access token in Segment")


async def test_links_into_segment_are_acknowledged(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await ada.click("Open Tokens")
    assert ada.opened_links[-1].startswith("https://app.segment.com/")
    assert "Create an access token in Segment" in ada.modal.text


@pytest.mark.parametrize("word", ["", " here", " help"])
async def test_segment_csm_outside_toplyne_points_to_segment(
    a_world: World, ada: Person, word: str
) -> None:
    await ada.command(f"/segment-csm{word}")
    said = answer(ada)
    assert "The one for you is /segment" in said.visible_text
    assert rows(a_world, "csm_channel") == 0
    await ada.click("Open the set-up", message=said)
    await see(ada, PLAN)


@pytest.mark.parametrize("word", ["", " replay"])
async def test_nothing_is_set_up_at_toplyne_itself(
    a_world: World, ada: Person, mira: Person, word: str
) -> None:
    await mira.command(f"/segment{word}")
    await mira.wait_for(lambda: "/segment-csm help" in answer(mira).visible_text)
    assert "Toplyne’s own Slack workspace" in answer(mira).visible_text
    assert mira.modal is None
    await mira.shortcut("connect_segment")
    await told(mira, "Toplyne’s own Slack workspace")
    await choose_plan(ada, "Business")
    await see(ada, "Create an access token in Segment")


@pytest.mark.parametrize("word", [" help", " something"])
async def test_segment_csm_at_toplyne_explains_itself(
    a_world: World, mira: Person, word: str
) -> None:
    await mira.command(f"/segment-csm{word}")
    assert "/segment-csm here" in answer(mira).visible_text
