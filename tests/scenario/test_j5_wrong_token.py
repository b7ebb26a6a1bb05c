"""J5: people paste something else than a token, then the right one."""

import re

import pytest

from playground.segment.state import TokenKind, random_text
from playground.slack.person import Person
from tests.scenario.beside import said_beside, typed
from tests.scenario.looking import card_says, rows, thread
from tests.scenario.passing import settled
from tests.scenario.story import (
    choose_plan,
    enter_token,
    reach_live_sync,
    reach_replay,
    see,
    token,
)
from tests.support.world import World

BESIDE = "field_token"
NEW_TOKEN = "New access token, only to replace the one in use"


async def goes_on(world: World, person: Person, workspace: str = "acme") -> None:
    """The right token is accepted, and the app asks for the sources."""
    await enter_token(person, token(world, workspace))
    assert person.modal
    assert f"{world.segment.workspace(workspace).name} is connected" in (person.modal.text)
    assert person.modal.callback_id == "setup_sources"


async def test_an_empty_one_is_never_sent(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, "")
    assert said_beside(ada, BESIDE) == "Please complete this required field."
    assert a_world.to_segment == []
    await goes_on(a_world, ada)


async def test_only_spaces_are_asked_for_again(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, "   ")
    assert said_beside(ada, BESIDE).startswith("Paste the access token.")
    assert a_world.to_segment == []
    await goes_on(a_world, ada)


@pytest.mark.parametrize("padding", [" {} ", "\u00a0{}\u00a0", "\t{}"])
async def test_spaces_around_a_good_one_do_not_matter(
    a_world: World, ada: Person, padding: str
) -> None:
    await choose_plan(ada, "Business")
    secret = token(a_world, "acme")
    await enter_token(ada, padding.format(secret))
    assert ada.modal
    assert "Acme Inc is connected" in ada.modal.text
    assert {heard.bearer for heard in a_world.to_segment} == {secret}


async def test_one_with_a_space_inside_is_refused_without_asking(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme").replace("sgp_", "sgp_ "))
    assert said_beside(ada, BESIDE).startswith("I find a blank in this, which no access token has.")
    assert a_world.to_segment == []
    await goes_on(a_world, ada)


@pytest.mark.parametrize(
    "dressed",
    [
        "Authorization: Bearer {}",
        "- Access token: “{}”.",
        "\u2066SEGMENT_TOKEN=`{}`\u2069",
        "Hi, our token is\u00a0{} - thanks, Bob",
    ],
)
async def test_what_stands_around_a_right_one_is_taken_off(
    a_world: World, ada: Person, dressed: str
) -> None:
    secret = token(a_world, "acme")
    await choose_plan(ada, "Business")
    await enter_token(ada, dressed.format(f"{secret[:20]}\u200b{secret[20:]}"))
    assert ada.modal
    assert "Acme Inc is connected" in ada.modal.text
    assert {heard.bearer for heard in a_world.to_segment if heard.bearer} == {secret}


@pytest.mark.parametrize("which", ["unknown", "revoked"])
async def test_a_refused_one_stays_typed_and_says_where_to_make_one(
    a_world: World, ada: Person, which: str
) -> None:
    await choose_plan(ada, "Business")
    wrong = "sgp_" + random_text(64) if which == "unknown" else token(a_world, "acme", "revoked")
    await enter_token(ada, wrong)
    error = said_beside(ada, BESIDE)
    assert error.startswith("Segment does not accept this token.")
    assert "Settings → Workspace settings → Access management → Tokens" in error
    assert typed(ada, BESIDE) == wrong
    await goes_on(a_world, ada)


async def test_one_that_a_needed_call_refuses_names_the_call_and_the_role(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme", "limited"))
    error = said_beside(ada, BESIDE)
    assert "does not let it list the destinations of a source" in error
    assert "the role Workspace Owner" in error
    await goes_on(a_world, ada)


async def test_one_that_may_not_list_sources_names_that_call(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, a_world.segment.add_token("acme", "none").value)
    assert "does not let it list the sources" in said_beside(ada, BESIDE)
    await goes_on(a_world, ada)


async def test_a_suspected_role_is_a_warning_and_no_refusal(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme", "member"))
    assert ada.modal
    assert ada.modal.errors == {}
    assert "Acme Inc is connected" in ada.modal.text
    assert "seems to have a smaller role than Workspace Owner" in ada.modal.text
    await ada.click("Back")
    await see(ada, "To replace it")
    ada.fill(NEW_TOKEN, token(a_world, "acme"))
    await ada.submit()
    assert ada.modal
    assert "Acme Inc is connected" in ada.modal.text
    assert "smaller role" not in ada.modal.text


async def test_an_old_config_api_token_is_named(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme", "config-api"))
    error = said_beside(ada, BESIDE)
    assert "token of Segment’s older Config API" in error
    assert "A Public API token is needed" in error
    await goes_on(a_world, ada)


async def test_a_revoked_config_api_token_is_named_by_its_shape(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    old = a_world.segment.add_token("acme", kind=TokenKind.CONFIG).value
    a_world.segment.revoke_token(old)
    await enter_token(ada, old)
    assert "older Config API" in said_beside(ada, BESIDE)
    await goes_on(a_world, ada)


async def test_a_write_key_is_named(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, a_world.segment.source("acme/web-app").write_keys[0])
    assert said_beside(ada, BESIDE).startswith("This is the write key of a source")
    await goes_on(a_world, ada)


@pytest.mark.parametrize("kind", ["xoxb-", "xoxe.xoxp-", "xapp-1-", "xwfp-"])
async def test_one_for_slack_is_named_and_sent_to_nobody(
    a_world: World, ada: Person, kind: str
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, f"SLACK_BOT_TOKEN={kind}{random_text(12)}-{random_text(24)}")
    error = said_beside(ada, BESIDE)
    assert error.startswith("This is a token for Slack, not for Segment.")
    assert "revoke this one in Slack" in error
    assert a_world.to_segment == []
    assert rows(a_world, "pending_checks") == 0
    await goes_on(a_world, ada)


async def test_one_of_the_other_region_is_corrected_silently(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme-eu"))
    assert ada.modal
    assert ada.modal.errors == {}
    assert "Acme Europe is connected" in ada.modal.text
    assert re.search(r"Region EU", ada.modal.text)
    assert "Plan: Business (EU)" in ada.modal.text


async def test_before_sources_are_chosen_one_more_press_switches_the_workspace(
    a_world: World, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "globex"))
    await see(ada, "Globex is connected")
    await ada.click("Back")
    await see(ada, "To replace it")
    ada.fill(NEW_TOKEN, token(a_world, "acme"))
    await ada.submit()
    error = said_beside(ada, BESIDE)
    assert "opens the workspace Acme Inc, and the one before opened Globex" in error
    assert "press the button once more" in error
    await grace.command("/segment")
    await see(grace, "Globex is connected")
    await ada.submit()
    await see(ada, "Acme Inc is connected", "Which sources feed Toplyne?", "Web app")


async def test_one_of_another_workspace_than_before_names_both(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.click("Back")
    await see(ada, "Which sources feed Toplyne?")
    await ada.click("Back")
    await see(ada, "To replace it")
    ada.fill(NEW_TOKEN, token(a_world, "globex"))
    await ada.submit()
    await see(ada, "opens the workspace Globex", "This set-up is for Acme Inc")
    ada.fill(NEW_TOKEN, a_world.segment.add_token("acme").value)
    await ada.submit()
    assert ada.modal
    assert "Web app: no Toplyne destination" in ada.modal.text


async def test_a_plan_without_regions_says_that_a_token_of_europe_is_of_business(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Team")
    await enter_token(ada, token(a_world, "acme-eu"))
    error = said_beside(ada, BESIDE)
    assert error.startswith("This token works, but in Segment’s other region")
    assert "only Business workspaces have" in error
    await goes_on(a_world, ada, "beacon")


async def test_a_token_revoked_later_leads_to_a_new_one(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    a_world.segment.revoke_token(token(a_world, "acme"))
    await ada.click("Check again")
    await see(ada, "Segment no longer accepts the access token", "same workspace")
    await enter_token(ada, a_world.segment.add_token("acme").value)
    assert ada.modal
    assert "Web app: no Toplyne destination" in ada.modal.text


async def test_three_failed_tries_are_told_to_the_csm(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    for _ in range(3):
        await enter_token(ada, "sgp_" + random_text(64))
    stuck = await mira.wait_for(
        lambda: [m for m in mira.messages("#customers") if "Stuck" in m.visible_text]
    )
    assert len(stuck) == 1
    assert "sgp_" not in stuck[0].visible_text
    await goes_on(a_world, ada)


async def test_who_got_on_with_another_step_is_not_stuck(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_replay(a_world, ada)
    await ada.close(everything=True)
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "Replace the token" in ada.home.buttons)
    await ada.click("Replace the token")
    await see(ada, NEW_TOKEN)
    for digit in "012":
        ada.fill(NEW_TOKEN, "sgp_" + digit * 64)
        await ada.submit()
        assert ada.modal.errors
    await card_says(mira, "Failed tries: 3")
    await ada.close(everything=True)

    await ada.command("/segment")  # the token in use is good
    await see(ada, "word for word")
    await ada.submit()
    await see(ada, "not reported yet")
    card = await card_says(mira, "Replay request written, not sent to Segment")
    assert "Failed tries" not in card.visible_text
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await ada.close(everything=True)
    for _ in range(8):
        await a_world.time_passes(6 * 3600)
        await settled(a_world)
    assert [line for line in thread(mira) if "stuck since" in line] == []
