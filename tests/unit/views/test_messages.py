"""What the app says unprompted: every kind, its state, its next step and its button."""

from dataclasses import replace
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ids import Action
from bot.views.csm.messages import channel_message
from bot.views.kit.links import Page
from bot.views.kit.next_step import next_words
from bot.views.kit.text import name
from bot.views.people.messages import render
from bot.views.replay.message import packed, split
from flows.checks.question import CheckKind
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Screen, Situation
from flows.outbox.bodies import (
    AboutChannel,
    CheckDone,
    ColleagueAsked,
    Confirmed,
    CsmMessage,
    Farewell,
    FirstData,
    IncidentNews,
    Personal,
    Rejected,
    Reminder,
    ReplayInstructions,
    TokenWarning,
)
from flows.replay.text import ReplayText, request_text
from flows.setup.results import Notice
from flows.vocabulary import Region
from tests.unit.views.message_cases import (
    ADA,
    CHANNEL_MESSAGES,
    MESSAGES,
    PASSED_ON,
    at,
    integration,
    request,
    stages,
)
from tests.unit.views.message_checks import buttons, check_message, mrkdwn_of
from tests.unit.views.test_over import ENDING

ELSEWHERE = (Reminder, CsmMessage)  # these have their own tests
STAGES = dict(stages())


def labels(blocks: list[dict[str, object]]) -> list[str]:
    return [button["text"]["text"] for button in buttons(blocks)]


def test_each_kind_for_people_is_looked_at_here() -> None:
    assert {type(each) for each in MESSAGES} == set(get_args(Personal))
    assert {type(each) for each in CHANNEL_MESSAGES} == set(get_args(AboutChannel))


@pytest.mark.parametrize("lost", CHANNEL_MESSAGES)
def test_who_looks_after_the_app_learns_what_to_do(lost: AboutChannel) -> None:
    rendered = channel_message(lost)
    state, _, next_step = mrkdwn_of(check_message(rendered))[0].partition("\n")
    assert "<#C0CUSTOMERS>" in state
    assert next_step.startswith("Next: ")


@pytest.mark.parametrize(
    "body", [each for each in MESSAGES if not isinstance(each, ELSEWHERE)], ids=lambda of: of.kind
)
def test_text_alone_says_the_state_the_next_step_and_the_button(body: Personal) -> None:
    for stage, situation in STAGES.items():
        rendered = render(body, situation)
        blocks = check_message(rendered)
        paragraph = mrkdwn_of(blocks)[0]
        state, _, next_step = paragraph.partition("\n")
        assert state, stage
        assert next_step, stage
        assert rendered.text.startswith(f"{state} {next_step}"), stage
        rows = [block for block in blocks if block["type"] == "actions"]
        is_over = not rows and isinstance(body, ENDING)  # `test_over` says when
        assert is_over or f"“{labels([rows[-1]])[0]}”" in rendered.text, stage


def test_a_check_that_went_well_leads_to_what_comes_next() -> None:
    situation = STAGES["no sources"]
    rendered = render(CheckDone("chk_1", CheckKind.TOKEN, Screen.SOURCES), situation)
    assert "accepted the access token" in rendered.text
    assert next_words(situation) in rendered.text
    assert buttons(check_message(rendered))[0]["action_id"] == Action.OPEN_SETUP


def test_a_check_that_went_wrong_names_the_mistake_and_reopens_its_screen() -> None:
    mistake = FieldError(Field.SOURCE_IDS, ErrorCode.SOURCE_IS_WRITE_KEY, {"source": "Web <app>"})
    done = CheckDone("chk_1", CheckKind.SOURCES, Screen.SOURCES, error=mistake)
    rendered = render(done, STAGES["not looked"])
    assert "write key of Web &lt;app&gt;" in rendered.text
    first, ask = buttons(check_message(rendered))
    assert (first["action_id"], first["value"]) == (Action.OPEN_SCREEN, Screen.SOURCES)
    assert (ask["action_id"], ask["value"]) == (Action.ASK_HELP, Screen.SOURCES)


def test_segment_being_down_is_not_blamed_on_the_customer() -> None:
    down = FieldError(Field.TOKEN, ErrorCode.SEGMENT_UNAVAILABLE)
    done = CheckDone("chk_1", CheckKind.TOKEN, Screen.CREDENTIALS, error=down)
    rendered = render(done, STAGES["no credentials"])
    assert "not your mistake" in rendered.text
    assert "correct" not in rendered.text.lower()


def test_a_check_can_end_with_a_notice() -> None:
    done = CheckDone("chk_1", CheckKind.TOKEN, Screen.LIVE_SYNC, Notice.UNVERIFIED)
    rendered = render(done, STAGES["free unverified"])
    assert "is no mistake of yours" in rendered.text
    assert buttons(check_message(rendered))[0]["action_id"] == Action.OPEN_SETUP


@pytest.mark.parametrize("screen", list(Screen))
def test_whoever_is_asked_learns_by_whom_what_for_and_how_long(screen: Screen) -> None:
    rendered = render(ColleagueAsked("U0ADA00001", screen), STAGES["not looked"])
    assert "<@U0ADA00001>" in rendered.text
    assert "minute" in rendered.text
    (open_it,) = buttons(check_message(rendered))
    assert (open_it["action_id"], open_it["value"]) == (Action.OPEN_SCREEN, screen)


def test_whoever_is_asked_reads_the_note_until_nobody_waits_for_them() -> None:
    asked = ColleagueAsked("U0ADA00001", Screen.LIVE_SYNC, "U0BOB00001", "Before <Friday> & *soon*")
    blocks = check_message(render(asked, STAGES["not looked"]))
    assert any(b.get("text", {}).get("text") == asked.note for b in blocks)
    assert [each["action_id"] for each in buttons(blocks)] == [Action.OPEN_SCREEN, Action.NOT_ME]
    over = check_message(render(replace(asked, screen=Screen.PLAN), STAGES["not looked"]))
    assert buttons(over) == []


def test_a_rejection_gives_the_reason_and_a_way_to_correct() -> None:
    known = STAGES["free rejected"].integration.credentials
    this = Rejected("Another <company>", at=known.entered.at)
    rendered = render(this, STAGES["free rejected"])
    assert "Another &lt;company&gt;" in rendered.text
    assert buttons(check_message(rendered))[0]["value"] == Screen.CREDENTIALS


def test_a_reason_that_looks_like_a_secret_is_withheld() -> None:
    secret = "sgp_" + "a1B2" * 16
    rendered = render(Rejected(f"use {secret}"), STAGES["free rejected"])
    assert secret not in rendered.text
    assert "withheld" in rendered.text


def test_first_data_on_business_leads_to_the_replay() -> None:
    situation = dict(stages(count=2))["replay can be requested"]
    first, other = (each.id for each in situation.integration.sources)
    rendered = render(FirstData(first, (other,)), situation)
    assert "The first events of Web app, Web app have" in rendered.text
    assert "prepare the request for the Replay" in rendered.text


def test_first_data_on_team_does_not_promise_a_replay() -> None:
    rendered = render(FirstData("gone"), STAGES["team"])
    assert "the request for the Replay" not in rendered.text
    assert "upgrade to Business" in rendered.text


def test_leaving_says_what_remains_in_segment() -> None:
    rendered = render(Farewell(), STAGES["disconnected"])
    for said in (
        "Deleted here: any access token",
        "If you made a token, remove it",
        "switch off the Toplyne destination",
    ):
        assert said in rendered.text


def test_a_token_in_a_message_is_to_be_revoked() -> None:
    rendered = render(TokenWarning(), STAGES["no plan"])
    assert "revoke that token" in rendered.text
    assert buttons(check_message(rendered))[0]["value"] == Screen.CREDENTIALS


# --- the Replay request -------------------------------------------------------------------------


def replay(situation: Situation) -> list[dict[str, object]]:
    return check_message(render(ReplayInstructions(2), situation))


def copied(blocks: list[dict[str, object]]) -> list[str]:
    texts = [block for block in blocks if block["type"] == "rich_text"]
    return [block["elements"][0]["elements"][0]["text"] for block in texts]


def written(count: int, **changes: object) -> Situation:
    live = replace(integration("Web app", count), live_started=ADA, **changes)
    return at(replace(live, replay=request(live)))


def test_the_text_to_copy_is_one_block_up_to_three_thousand_letters() -> None:
    situation = written(4)
    parts = copied(replay(situation))
    assert situation.integration.replay is not None
    assert parts == [request_text(situation.integration.replay).plain()]
    longer = written(20)
    assert longer.integration.replay is not None
    whole = request_text(longer.integration.replay).plain()
    assert "\n\n".join(copied(replay(longer))) == whole
    assert len(copied(replay(longer))) == len(whole) // 3000 + 1 > 1


def asked_for(count: int, label: str, event_names: tuple[str, ...] = ()) -> Situation:
    live = replace(integration(label, count), live_started=ADA)
    return at(replace(live, replay=request(live, event_names)))


def test_many_sources_share_blocks_and_are_copied_whole() -> None:
    situation = asked_for(60, "Web app")
    assert situation.integration.replay is not None
    parts = copied(replay(situation))
    assert len(parts) < 40
    assert "\n\n".join(parts) == request_text(situation.integration.replay).plain()


def test_a_hundred_long_names_are_shortened_and_no_source_id_is_lost() -> None:
    situation = asked_for(100, "Name of a source " * 12)
    blocks = replay(situation)
    whole = "\n".join(copied(blocks))
    assert all(source.id in whole for source in situation.integration.sources)
    assert any("Shortened to fit" in text for text in mrkdwn_of(blocks))
    assert ("Open the whole text", Screen.REPLAY_STATUS) in [
        (button["text"]["text"], button.get("value")) for button in buttons(blocks)
    ]


def test_a_request_too_long_for_any_message_leads_to_the_set_up() -> None:
    names = tuple(f"Event {n} ".ljust(200, "x") for n in range(50))
    blocks = replay(asked_for(100, "Web app", names))
    assert copied(blocks) == []
    assert any("too long for a message" in text for text in mrkdwn_of(blocks))
    assert Action.REPLAY_SENT in [button["action_id"] for button in buttons(blocks)]


def test_the_request_leads_to_the_ticket_form_first_then_to_the_mail() -> None:
    blocks = replay(written(1))
    form, sent, revise, ask = buttons(blocks)
    assert (revise["action_id"], ask["action_id"]) == (Action.REPLAY_REVISE, Action.ASK_HELP)
    assert form["url"].endswith(Page.TICKET)
    assert "/acme-inc/" in form["url"]
    assert form["action_id"] == Action.OPEN_LINK
    assert (sent["action_id"], sent["value"]) == (Action.REPLAY_SENT, "2")
    mails = [text for text in mrkdwn_of(blocks) if "<mailto:" in text]
    assert len(mails) == 1
    kinds = [block["type"] for block in blocks]
    assert kinds == ["section", "rich_text", "context", "context", "actions"], "the text first"


def test_in_the_eu_the_way_to_the_form_is_written_out() -> None:
    said = mrkdwn_of(replay(written(1, region=Region.EU)))
    assert any("Help → Create a ticket" in text for text in said)


def test_sources_that_do_not_deliver_are_named_as_left_out() -> None:
    said = mrkdwn_of(replay(written(9)))
    assert any("Left out" in text and "and 2 more" in text for text in said)


@pytest.mark.parametrize(
    ("stage", "action"),
    [
        ("replay written", Action.REPLAY_SENT),
        ("replay sent", Action.REPLAY_RUNNING),
        ("replay scheduled", Action.REPLAY_RUNNING),
        ("replay running", Action.REPLAY_FINISHED),
        ("finished with history", Action.OPEN_SETUP),
    ],
)
def test_the_request_shows_the_button_of_its_stage(stage: str, action: Action) -> None:
    ids = [button["action_id"] for button in buttons(replay(STAGES[stage]))]
    assert action in ids
    others = {Action.REPLAY_SENT, Action.REPLAY_RUNNING, Action.REPLAY_FINISHED} - {action}
    assert not others.intersection(ids)


def test_a_replaced_request_leads_to_the_current_one() -> None:
    rendered = render(ReplayInstructions(1), STAGES["replay written"])
    assert "Version 1 of the Replay request is out of date: a newer one" in rendered.text
    assert copied(check_message(rendered)) == []


@given(st.lists(st.text("ab", min_size=1), min_size=1, max_size=60), st.integers(100, 400))
def test_the_text_is_packed_into_as_few_parts_as_hold_it(parts: list[str], room: int) -> None:
    text = ReplayText("subject", "intro", tuple(parts), "closing")
    packs = list(packed(text, room))
    assert "\n\n".join(packs) == text.plain()
    assert all(len(pack) <= room for pack in packs)
    assert len(packs) == 1 if len(text.plain()) <= room else len(packs) > 1
    assert all(len(one) + 2 + len(two) > room - 60 for one, two in pairwise(packs))


@given(st.text(), st.integers(2, 50))
def test_splitting_loses_nothing_but_the_spaces_it_cuts_at(text: str, limit: int) -> None:
    pieces = list(split(text, limit))
    assert all(len(piece) <= limit for piece in pieces)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


# --- names as people write them -----------------------------------------------------------------


@given(st.text(min_size=1, max_size=200))
def test_names_are_escaped_wherever_they_stand(label: str) -> None:
    base = replace(integration(label), live_started=ADA)
    situation = at(base)
    assert base.credentials
    for rendered, named in (
        (render(FirstData(base.sources[0].id), situation), base.sources[0].label),
        (render(Confirmed(), situation), base.credentials.workspace.label),
    ):
        shown = name(named)  # a name that nobody can see gives way to the slug
        assert shown in rendered.text
        without = rendered.text.replace(shown, "")
        assert "<" not in without
        assert ">" not in without


def test_an_incident_says_why_it_comes_to_somebody_else() -> None:
    said = render(PASSED_ON, STAGES["destination switched off later"]).text
    assert f"<@{ADA.by}> did the last step and cannot be reached any more" in said
    plain = IncidentNews(PASSED_ON.blocker, PASSED_ON.source)
    said = render(plain, STAGES["destination switched off later"]).text
    assert "cannot be reached" not in said


def test_a_colleague_reads_whose_sources_they_are_and_what_to_do_there() -> None:
    situation = STAGES["destination missing"]
    of = situation.integration
    assert of.credentials
    asked = render(ColleagueAsked("U0ADA00001", Screen.LIVE_SYNC), situation)
    shown = "\n".join(mrkdwn_of(check_message(asked)))
    assert f"slug `{of.credentials.workspace.slug}`, region US" in shown
    assert f"`{of.sources[0].id}`" in shown
    assert "*What to do in Segment*\n1. In Segment, open *Connections" in shown
    other = render(ColleagueAsked("U0ADA00001", Screen.REPLAY), situation)
    assert "What to do in Segment" not in "\n".join(mrkdwn_of(check_message(other)))
