"""The set-up's modals: limits for the longest values, and what each screen must say."""

from dataclasses import replace
from datetime import date

import pytest

from bot.ids import Action, Callback, input_block
from bot.views.dialogs import (
    busy_view,
    delegate_view,
    delegated_view,
    disconnect_view,
    disconnected_view,
    done_view,
    failed_view,
    forget_token_view,
    help_asked_view,
    help_view,
    progress_view,
    reject_view,
    screen_of,
    upgraded_view,
)
from bot.views.kit import parse_metadata
from bot.views.setup import step_view
from bot.views.setup_history import replay_view
from bot.views.setup_plan import plan_view
from bot.views.setup_sources import source_options
from flows.errors import ErrorCode, Field, FieldError
from flows.model import (
    CatalogueEntry,
    Credentials,
    DestinationState,
    Outcome,
    Plan,
    Region,
    Screen,
    Situation,
    Source,
    TokenKind,
    Verification,
    Workspace,
)
from flows.replay import request_text
from flows.results import CheckKind, Notice, ShowProgress, ShowStep
from tests.unit.message_cases import ADA, NAMES, NOW, integration, request, status
from tests.unit.message_checks import NO_SCHEMAS, schema
from tests.unit.modal_checks import Json, action_values, check_modal, inputs, words
from tests.unit.setup_cases import FIRST, every_result, ready, with_draft

WORST = [(name, count) for name in NAMES for count in (1, 11, 100)]
CALLBACKS = {screen: Callback[screen.name] for screen in Screen}
TOKEN_BLOCK = input_block(Field.TOKEN)


def drawn(screen: Screen, situation: Situation, notice: Notice | None = None) -> Json:
    return check_modal(step_view(ShowStep(screen, situation, notice=notice)))


def free(verification: Verification, reason: str = "") -> Situation:
    found = Credentials(
        TokenKind.NONE, verification, Workspace("acme-inc"), Region.US, ADA, reason=reason
    )
    base = replace(integration(), plan=Plan.FREE, credentials=found, sources=())
    return replace(ready(), integration=base)


# --- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "count"), WORST)
def test_screens_stay_within_slacks_limits(name: str, count: int) -> None:
    for result in every_result(NAMES[name], count):
        modal = check_modal(step_view(result, nonce="n1", toplyne_gets_token=True))
        assert modal["callback_id"] in CALLBACKS.values()


@pytest.mark.parametrize("count", [3, 12])
def test_screens_conform_to_slacks_published_types(count: int) -> None:
    validator = schema("modal")
    if validator is None:
        pytest.skip(NO_SCHEMAS)
    for result in every_result(NAMES["markup"], count):
        modal = check_modal(step_view(result))
        assert [problem.message for problem in validator.iter_errors(modal)] == []


@pytest.mark.parametrize("name", NAMES)
def test_dialogs_stay_within_slacks_limits(name: str) -> None:
    situation = ready(NAMES[name])
    error = FieldError(Field.UPGRADED_ON, ErrorCode.DATE_IN_FUTURE)
    for screen in Screen:
        check_modal(delegate_view(situation, screen))
        check_modal(help_view(situation, screen))
    for view in (
        upgraded_view(situation, [error]),
        disconnect_view(situation),
        disconnected_view(situation),
        forget_token_view(situation),
        reject_view("T0000000001|int_" + "0" * 32),
        delegated_view("U0BOB00001"),
        help_asked_view(),
        done_view(),
        failed_view("ref-0123456789"),
        busy_view("ref-0123456789"),
    ):
        modal = check_modal(view)
        validator = schema("modal")
        assert validator is None or validator.is_valid(modal)


@pytest.mark.parametrize("kind", list(CheckKind))
def test_progress_says_what_is_checked_and_can_be_found_by_the_check(kind: CheckKind) -> None:
    for retrying in (False, True):
        modal = check_modal(progress_view(ShowProgress(kind, "chk_1", ready(), retrying)))
        assert modal["external_id"] == "chk_1"
        assert modal["notify_on_close"] is True
        assert "You can close this" in words(modal)
        assert ("not answering" in words(modal)) is retrying


# --- every screen -------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", list(Screen))
def test_each_screen_shows_progress_and_offers_help(screen: Screen) -> None:
    situation = replace(ready(), integration=replace(ready().integration, revision=7))
    requested = replace(situation.integration, replay=request(situation.integration))
    if screen is Screen.REPLAY_STATUS:
        situation = replace(situation, integration=requested)
    modal = drawn(screen, situation)
    assert modal["callback_id"] == CALLBACKS[screen]
    assert all(step in words(modal) for step in ("Plan:", "Credentials:", "Live sync:", "History:"))
    assert action_values(modal)[Action.ASK_HELP] == screen
    metadata = parse_metadata(modal["private_metadata"])
    assert (metadata.integration_id, metadata.revision) == ("int_1", 7)


def test_no_secret_is_ever_drawn_back() -> None:
    for result in every_result("Web app", 3):
        modal = check_modal(step_view(result))
        secrets = [block for id_, block in inputs(modal).items() if id_.startswith(TOKEN_BLOCK)]
        assert all("initial_value" not in block["element"] for block in secrets)


def test_an_error_that_has_no_field_any_more_is_drawn_as_an_alert() -> None:
    error = FieldError(Field.TOKEN, ErrorCode.TOKEN_REFUSED)
    result = ShowStep(Screen.CREDENTIALS, ready(), errors=(error,))
    alerts = [b for b in check_modal(step_view(result))["blocks"] if b["type"] == "alert"]
    assert [alert["level"] for alert in alerts] == ["error"]
    assert "does not accept this token" in alerts[0]["text"]["text"]


# --- plan and credentials -----------------------------------------------------------------------


def test_the_region_is_asked_on_business_only_and_us_is_marked() -> None:
    bare = replace(integration(), plan=None, credentials=None, sources=())
    situation = replace(ready(), integration=bare)
    assert "field_region" not in inputs(check_modal(plan_view(situation)))
    assert "field_region" not in inputs(check_modal(plan_view(situation, picked=Plan.TEAM)))
    shown = inputs(check_modal(plan_view(situation, picked=Plan.BUSINESS)))
    assert shown["field_region"]["element"]["initial_option"]["value"] == Region.US
    assert shown[input_block(Field.PLAN)]["dispatch_action"] is True


def test_verified_credentials_can_be_kept_and_say_which_workspace() -> None:
    modal = drawn(Screen.CREDENTIALS, ready())
    assert inputs(modal)[TOKEN_BLOCK]["optional"] is True
    assert modal["submit"]["text"] == "Continue"
    assert "acme-inc" in words(modal)
    assert "w" * 22 in words(modal)


@pytest.mark.parametrize("lost", ["forgotten", "refused"])
def test_a_lost_token_must_be_entered_again(lost: str) -> None:
    situation = ready()
    notice = Notice.TOKEN_REFUSED if lost == "refused" else None
    if lost == "forgotten":
        gone = replace(situation.integration, token_forgotten=ADA)
        situation = replace(situation, integration=gone)
    modal = drawn(Screen.CREDENTIALS, situation, notice)
    assert inputs(modal)[TOKEN_BLOCK].get("optional", False) is False
    assert modal["submit"]["text"] == "Check"


def test_another_nonce_makes_slack_forget_the_token() -> None:
    result = ShowStep(Screen.CREDENTIALS, ready())
    first = inputs(check_modal(step_view(result, nonce="a")))
    second = inputs(check_modal(step_view(result, nonce="b")))
    assert not first.keys() & second.keys()


def test_the_screen_says_who_gets_the_token() -> None:
    result = ShowStep(Screen.CREDENTIALS, ready())
    alone = words(check_modal(step_view(result)))
    shared = words(check_modal(step_view(result, toplyne_gets_token=True)))
    assert "given to nobody" in alone
    assert "given to nobody" not in shared
    assert "also given to Toplyne" in shared


def test_free_asks_for_the_slug_and_takes_no_token_for_an_answer() -> None:
    modal = drawn(Screen.CREDENTIALS, free(Verification.UNVERIFIED))
    slug = inputs(modal)[input_block(Field.SLUG)]
    assert slug["element"]["initial_value"] == "acme-inc"
    assert inputs(modal)[TOKEN_BLOCK]["optional"] is True
    assert Action.NO_TOKEN in action_values(modal)


@pytest.mark.parametrize("verification", list(Verification))
def test_free_says_what_happens_now(verification: Verification) -> None:
    said = words(drawn(Screen.LIVE_SYNC, free(verification)))
    assert "acme-inc" in said
    assert ("is confirmed" in said) is (verification is Verification.CONFIRMED)


def test_a_rejection_stands_there_with_its_reason() -> None:
    modal = drawn(Screen.CREDENTIALS, free(Verification.REJECTED, "The slug is of Beta Inc"))
    assert "The slug is of Beta Inc" in words(modal)


# --- sources ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "kind"), [(10, "checkboxes"), (11, "multi_external_select"), (0, "")]
)
def test_few_sources_are_ticked_and_many_are_searched(count: int, kind: str) -> None:
    shown = inputs(drawn(Screen.SOURCES, ready(count=count)))
    block = shown.get(input_block(Field.SOURCES))
    assert (block["element"]["type"] if block else "") == kind
    assert input_block(Field.SOURCE_IDS) in shown


def test_chosen_sources_are_marked_and_pasted_ones_stay_typed() -> None:
    situation = ready(count=3)
    pasted = Source("pastedid", "elsewhere")
    chosen = (situation.integration.sources[1], pasted)
    of = replace(situation.integration, sources=chosen)
    shown = inputs(drawn(Screen.SOURCES, replace(situation, integration=of)))
    ticked = shown[input_block(Field.SOURCES)]["element"]["initial_options"]
    assert [option["value"] for option in ticked] == [chosen[0].id]
    assert shown[input_block(Field.SOURCE_IDS)]["element"]["initial_value"] == "pastedid"


def test_options_are_found_by_name_slug_or_id_without_case() -> None:
    catalogue = ready(count=100).observed.catalogue
    assert catalogue is not None
    special = CatalogueEntry(Source("ID42", "back-end", "Ünïque"), enabled=False)
    grown = replace(catalogue, entries=(*catalogue.entries, special))
    for query in ("ünïq", "BACK-END", " id42 "):
        (option,) = source_options(grown, query)
        assert option.value == "ID42"
    assert len(source_options(grown, "")) == 100
    assert source_options(grown, "nothing like it") == []
    assert source_options(None, "") == []


# --- live sync ----------------------------------------------------------------------------------


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
    assert "submit" not in modal
    assert Action.CHECK_AGAIN in action_values(modal)


def test_nothing_is_promised_once_the_token_is_gone() -> None:
    situation = ready()
    gone = replace(situation.integration, token_forgotten=ADA)
    assert "I look every" in words(drawn(Screen.LIVE_SYNC, situation))
    shown = words(drawn(Screen.LIVE_SYNC, replace(situation, integration=gone)))
    assert "I look every" not in shown
    assert "deleted here" in shown


@pytest.mark.parametrize(
    ("plan", "label"), [(Plan.BUSINESS, "Request the Replay"), (Plan.TEAM, "Continue")]
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
    assert "submit" not in modal


# --- history ------------------------------------------------------------------------------------


def test_a_replay_without_its_prerequisites_leads_to_what_is_missing() -> None:
    situation = ready()
    of = replace(situation.integration, plan=Plan.TEAM)
    modal = drawn(Screen.REPLAY, replace(situation, integration=of))
    assert "cannot be requested yet" in words(modal)
    assert action_values(modal)[Action.GO_TO] == Screen.UPGRADE
    assert inputs(modal) == {}


def test_the_form_proposes_a_year_up_to_the_begin_of_live_sync() -> None:
    shown = inputs(drawn(Screen.REPLAY, ready()))
    end = shown[input_block(Field.END)]
    assert end["element"]["initial_date_time"] == int(FIRST.timestamp())
    assert "Live sync began" in end["hint"]["text"]
    assert shown[input_block(Field.START)]["element"]["initial_date"] == "2025-05-02"


def test_sources_say_what_they_miss_and_which_are_left_out() -> None:
    situation = ready(count=3)
    late = situation.integration.sources[2].id
    statuses = {k: v for k, v in situation.observed.statuses.items() if k != late}
    observed = replace(situation.observed, statuses=statuses)
    shown = words(drawn(Screen.REPLAY, replace(situation, observed=observed)))
    assert "Missing: Identify, Page, Group. Without Identify" in shown
    assert shown.count("Source ID") == 2
    assert shown.count("left out, because no event of it has reached Toplyne yet") == 1
    unmeasured = replace(situation.observed, coverage=None)
    shown = words(drawn(Screen.REPLAY, replace(situation, observed=unmeasured)))
    assert "not measured" in shown


def test_the_filters_show_only_for_some_events() -> None:
    result = ShowStep(Screen.REPLAY, ready())
    whole = inputs(check_modal(replay_view(result, picked_some=False)))
    some = inputs(check_modal(replay_view(result, picked_some=True)))
    assert some.keys() - whole.keys() == {
        input_block(Field.CALL_TYPES),
        input_block(Field.EVENT_NAMES),
    }
    drafted = ShowStep(Screen.REPLAY, with_draft(ready(), "Signed up"))
    kept = inputs(check_modal(replay_view(drafted)))
    assert "Signed up 3" in kept[input_block(Field.EVENT_NAMES)]["element"]["initial_value"]


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
    offered = [
        action_values(drawn(Screen.REPLAY_STATUS, replace(situation, integration=of))).keys()
        & {Action.REPLAY_SENT, Action.REPLAY_RUNNING, Action.REPLAY_FINISHED}
        for of in (asked, sent, running)
    ]
    assert offered == [
        {Action.REPLAY_SENT},
        {Action.REPLAY_RUNNING, Action.REPLAY_FINISHED},
        {Action.REPLAY_FINISHED},
    ]
    shown = words(drawn(Screen.REPLAY_STATUS, replace(situation, integration=sent)))
    assert f"reported by <@{ADA.by}>" in shown


# --- the end and the dialogs --------------------------------------------------------------------


def test_the_receipt_leaves_one_choice_while_there_is_a_token() -> None:
    situation = ready()
    only = replace(situation.integration, outcome=Outcome.LIVE_ONLY, outcome_reached=ADA)
    offered = action_values(drawn(Screen.RECEIPT, replace(situation, integration=only)))
    assert {Action.KEEP_WATCHING, Action.FORGET_TOKEN, Action.REOPEN} <= offered.keys()
    gone = replace(only, outcome=Outcome.WITH_HISTORY, token_forgotten=ADA)
    after = action_values(drawn(Screen.RECEIPT, replace(situation, integration=gone)))
    assert not {Action.KEEP_WATCHING, Action.FORGET_TOKEN, Action.REOPEN} & after.keys()


@pytest.mark.parametrize("screen", list(Screen))
def test_dialogs_remember_the_screen_they_were_opened_from(screen: Screen) -> None:
    assert screen_of(check_modal(delegate_view(ready(), screen)), Field.COLLEAGUE) is screen
    assert screen_of(check_modal(help_view(ready(), screen)), Field.NOTE) is screen


def test_a_view_without_a_screen_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a valid Screen"):
        screen_of(check_modal(done_view()), Field.NOTE)


def test_the_upgrade_is_asked_for_with_today_marked() -> None:
    shown = inputs(check_modal(upgraded_view(ready())))
    picked = shown[input_block(Field.UPGRADED_ON)]["element"]["initial_date"]
    assert date.fromisoformat(picked) == NOW.date()
