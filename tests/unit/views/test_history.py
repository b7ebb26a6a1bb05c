"""Live sync, the Replay request, its status and the receipt: what each must say."""

from dataclasses import replace
from datetime import datetime

import pytest

from bot.ids import ASKS_FOR, Action, Callback, input_block
from bot.views.replay.events import offered_names
from bot.views.setup.screen import step_view
from flows.errors import Field
from flows.model import DestinationState, Observed, Outcome, Screen, Situation, Verification
from flows.replay.facts import Coverage
from flows.replay.text import request_text
from flows.setup.results import Notice, ShowStep
from flows.vocabulary import CallType, Plan
from tests.unit.setup.setup_cases import FIRST, free, ready, with_draft
from tests.unit.views.message_cases import ADA, NOW, request, status
from tests.unit.views.modal_checks import action_values, check_modal, drawn, inputs, words

# --- live sync ----------------------------------------------------------------------------------


def test_live_sync_says_whose_sources_they_are_and_names_each_by_its_id() -> None:
    situation = ready(count=3)
    shown = words(drawn(Screen.LIVE_SYNC, situation))
    of = situation.integration
    assert of.credentials
    assert f"slug `{of.credentials.workspace.slug}`, region US" in shown
    assert of.sources_chosen
    assert f"Sources chosen by <@{of.sources_chosen.by}>" in shown
    for source in of.sources:
        assert f"Source ID `{source.id}`" in shown


def test_live_sync_explains_only_the_first_source_that_is_not_done() -> None:
    situation = ready(count=3)
    of = replace(situation.integration, live_started=None)
    ids = [source.id for source in of.sources]
    statuses = {
        ids[0]: situation.observed.statuses[ids[0]],
        ids[1]: status(of.sources[1], DestinationState.MISSING),
        ids[2]: status(of.sources[2], DestinationState.DISABLED),
    }
    observed = replace(situation.observed, statuses=statuses)
    modal = drawn(Screen.LIVE_SYNC, Situation(of, observed, NOW))
    text = words(modal)
    assert "arriving, 5,960 events delivered" in text
    assert "no Toplyne destination" in text
    assert "switched off" in text
    assert text.count("What to do for") == 1
    assert modal["callback_id"] == Callback.LIVE_CHECK
    assert modal["submit"]["text"] == "Check again"
    assert Action.CHECK_AGAIN not in action_values(modal)


def test_nothing_is_promised_once_the_token_is_gone() -> None:
    situation = ready()
    gone = replace(situation.integration, token_forgotten=ADA)
    assert "I look every" in words(drawn(Screen.LIVE_SYNC, situation))
    shown = words(drawn(Screen.LIVE_SYNC, replace(situation, integration=gone)))
    assert "I look every" not in shown
    assert "deleted here" in shown


def test_how_often_segment_is_asked_is_said_as_it_is() -> None:
    situation = ready()
    waits = replace(situation.integration, live_started=None)
    silent = {s.id: status(s, DestinationState.MISSING) for s in waits.sources}
    unseen = Situation(waits, replace(situation.observed, statuses=silent), NOW)
    assert "every 15 minutes and message you when data" in words(drawn(Screen.LIVE_SYNC, unseen))
    assert "every 15 minutes and message you if" in words(drawn(Screen.LIVE_SYNC, situation))
    done = replace(situation.integration, outcome=Outcome.LIVE_ONLY, outcome_reached=ADA)
    shown = words(drawn(Screen.LIVE_SYNC, replace(situation, integration=done)))
    assert "every day and message you if something breaks" in shown


@pytest.mark.parametrize(("looked_at", "failures"), [(None, 0), (NOW, 1)])
def test_a_segment_that_has_said_nothing_yet_is_not_contradicted(
    looked_at: datetime | None, failures: int
) -> None:
    waits = replace(ready().integration, live_started=None)
    unheard = Situation(waits, Observed(looked_at=looked_at, failures=failures), NOW)
    shown = words(drawn(Screen.LIVE_SYNC, unheard, Notice.SEGMENT_UNAVAILABLE))
    assert "does not answer at the moment" in shown
    assert "nothing heard from Segment yet" in shown
    for contradiction in ("said last", "late; last looked", "not looked"):
        assert contradiction not in shown


def test_the_steps_end_with_the_button_that_stands_below_them() -> None:
    waits = replace(ready().integration, live_started=None)
    silent = {s.id: status(s, DestinationState.DISABLED) for s in waits.sources}
    situation = Situation(waits, Observed(statuses=silent), NOW)
    assert "press *Check again*" in words(drawn(Screen.LIVE_SYNC, situation))
    modal = drawn(Screen.REPLAY, situation)
    assert "press *Go to live sync*" in words(modal)
    assert modal["submit"]["text"] == "Go to live sync"
    assert "Check again" not in words(modal)


@pytest.mark.parametrize(
    ("plan", "label"), [(Plan.BUSINESS, "Prepare the request"), (Plan.TEAM, "Continue")]
)
def test_live_sync_goes_on_once_it_has_started(plan: Plan, label: str) -> None:
    situation = ready()
    of = replace(situation.integration, plan=plan)
    modal = drawn(Screen.LIVE_SYNC, replace(situation, integration=of))
    assert modal["submit"]["text"] == label


def test_free_waits_for_toplyne_and_offers_no_check() -> None:
    modal = drawn(Screen.LIVE_SYNC, free(Verification.UNVERIFIED))
    assert "A person at Toplyne confirms" in words(modal)
    assert Action.CHECK_AGAIN not in action_values(modal)
    assert modal["submit"]["text"] == "I’ve connected it"


# --- history ------------------------------------------------------------------------------------


def test_a_replay_without_its_prerequisites_leads_to_what_is_missing() -> None:
    situation = ready()
    of = replace(situation.integration, plan=Plan.TEAM)
    modal = drawn(Screen.REPLAY, replace(situation, integration=of))
    assert "cannot be requested yet" in words(modal)
    assert modal["submit"]["text"] == "Choose how to go on"
    assert f"{ASKS_FOR}:{Screen.UPGRADE}" in [block.get("block_id") for block in modal["blocks"]]
    assert inputs(modal) == {}


def test_a_set_up_that_ended_without_history_leads_to_what_is_connected() -> None:
    situation = ready()
    ended = {"plan": Plan.TEAM, "outcome": Outcome.LIVE_ONLY, "outcome_reached": ADA}
    modal = drawn(
        Screen.REPLAY, replace(situation, integration=replace(situation.integration, **ended))
    )
    assert modal["submit"]["text"] == "See what is connected"


def test_the_form_proposes_a_year_up_to_the_begin_of_live_sync() -> None:
    shown = inputs(drawn(Screen.REPLAY, ready()))
    end = shown[input_block(Field.END)]
    assert end["element"]["initial_date_time"] == int(FIRST.timestamp())
    assert "Live sync began at" in end["hint"]["text"]
    assert shown[input_block(Field.START)]["element"]["initial_date"] == "2025-05-02"


def test_sources_say_what_they_miss_and_which_are_left_out() -> None:
    situation = ready(count=3)
    late = situation.integration.sources[2].id
    statuses = {k: v for k, v in situation.observed.statuses.items() if k != late}
    observed = replace(situation.observed, statuses=statuses)
    shown = words(drawn(Screen.REPLAY, replace(situation, observed=observed)))
    assert "No Identify in 30 days. Without Identify" in shown
    assert shown.count("Source ID") == 2
    assert shown.count("left out, because no event of it has reached Toplyne yet") == 1
    unmeasured = replace(situation.observed, coverage=None)
    shown = words(drawn(Screen.REPLAY, replace(situation, observed=unmeasured)))
    assert "I could not measure which calls these sources send" in shown
    assert "Measuring" not in shown
    filters_alone = replace(unmeasured, coverage=Coverage({}, situation.now))
    for observed in (unmeasured, filters_alone):
        unknown = replace(situation, observed=observed)
        said = ShowStep(Screen.REPLAY, unknown, measuring="form_1")
        shown = words(check_modal(step_view(said)))
        assert "Measuring: I ask Segment" in shown
        assert "could not" not in shown


def test_filters_that_cut_a_replay_and_those_that_could_not_be_read_are_said() -> None:
    shown = words(drawn(Screen.REPLAY, ready(count=2)))
    assert "which cut a Replay too" in shown
    assert "and 4 more" in shown
    assert shown.count("could not read whether filters stand") == 1


def test_page_calls_bring_the_steps_for_a_mapping() -> None:
    situation = ready()
    assert "add a mapping" not in words(drawn(Screen.REPLAY, situation))
    source_id = situation.integration.sources[0].id
    coverage = Coverage({source_id: {CallType.PAGE: 1}}, NOW)
    pages = replace(situation, observed=replace(situation.observed, coverage=coverage))
    shown = words(drawn(Screen.REPLAY, pages))
    assert "4. As the trigger choose" in shown


def test_the_form_asks_for_retention_and_deletions_with_the_plans_default() -> None:
    shown = inputs(drawn(Screen.REPLAY, ready()))
    kept = shown[input_block(Field.RETENTION)]["element"]["initial_option"]
    assert kept["value"] == "1095"
    pending = shown[input_block(Field.DELETIONS)]["element"]
    assert [each["value"] for each in pending["options"]] == ["none", "pending", "unknown"]


@pytest.mark.parametrize(
    ("name", "is_offered"),
    [
        ("x" * 75, True),
        ("x" * 76, False),
        ("😀" * 38, False),  # Slack counts each as two
        ("\n", False),
        ("\u200b \u2800", False),
    ],
)
def test_a_name_is_offered_if_it_fits_and_can_be_read(name: str, is_offered: bool) -> None:
    assert offered_names(("Signed up", name)) == ["Signed up", name][: 1 + is_offered]


def test_the_names_that_segment_counted_are_offered_and_others_can_be_typed() -> None:
    situation = with_draft(ready(), "Signed up")
    shown = inputs(drawn(Screen.REPLAY_EVENTS, situation))
    offered = shown[input_block(Field.PICKED_NAMES)]["element"]
    assert [each["value"] for each in offered["options"]] == ["Web app 0"]
    assert "Signed up 3" in shown[input_block(Field.EVENT_NAMES)]["element"]["initial_value"]
    ticked = shown[input_block(Field.CALL_TYPES)]["element"]["initial_options"]
    assert [each["value"] for each in ticked] == ["track"]
    unknown = replace(situation, observed=replace(situation.observed, coverage=None))
    typed = inputs(drawn(Screen.REPLAY_EVENTS, unknown))
    assert input_block(Field.PICKED_NAMES) not in typed


def test_the_preview_holds_the_very_text() -> None:
    situation = ready("<Web> & *app*", 3)
    text = request_text(request(situation.integration))
    shown = words(drawn(Screen.REPLAY_PREVIEW, situation))
    assert text.closing in shown
    assert all(f"Source ID: {source.id}" in shown for source in situation.integration.sources)
    assert "Source: <Web> & *app*" in shown


def test_the_status_offers_what_fits_and_says_who_reported_it() -> None:
    situation = ready()
    asked = replace(situation.integration, replay=request(situation.integration))
    sent = replace(asked, replay_sent=ADA)
    running = replace(sent, replay_running=ADA)
    offered = []
    for of in (asked, sent, running):
        modal = drawn(Screen.REPLAY_STATUS, replace(situation, integration=of))
        reports = action_values(modal).keys() & {Action.REPLAY_RUNNING, Action.REPLAY_FINISHED}
        offered.append((modal["submit"]["text"], reports))
    assert offered == [
        ("I’ve sent it to Segment", set()),
        ("It’s scheduled", {Action.REPLAY_RUNNING, Action.REPLAY_FINISHED}),
        ("It’s finished", set()),
    ]
    shown = words(drawn(Screen.REPLAY_STATUS, replace(situation, integration=sent)))
    assert f"reported by <@{ADA.by}>" in shown


# --- the end and the dialogs --------------------------------------------------------------------


def test_the_receipt_leaves_one_choice_while_there_is_a_token() -> None:
    situation = ready()
    only = replace(situation.integration, outcome=Outcome.LIVE_ONLY, outcome_reached=ADA)
    modal = drawn(Screen.RECEIPT, replace(situation, integration=only))
    assert modal["submit"]["text"] == "Keep watching"
    assert {Action.FORGET_TOKEN, Action.REOPEN} <= action_values(modal).keys()
    unwatched = drawn(Screen.RECEIPT, replace(situation, integration=replace(only, plan=Plan.FREE)))
    assert "submit" not in unwatched
    assert Action.FORGET_TOKEN in action_values(unwatched)
    assert "keep watching" not in words(unwatched)
    gone = replace(only, outcome=Outcome.WITH_HISTORY, token_forgotten=ADA)
    after = drawn(Screen.RECEIPT, replace(situation, integration=gone))
    assert "submit" not in after
    assert not {Action.FORGET_TOKEN, Action.REOPEN} & action_values(after).keys()
    assert "disconnect` deletes the access token here" in words(modal)
    assert "disconnect` deletes the access token" not in words(after), "it is deleted already"
    assert "delete any token you made" in words(after), "Segment still has it"
