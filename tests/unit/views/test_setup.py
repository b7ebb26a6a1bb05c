"""The set-up's modals: limits for the longest values, and what the first screens must say."""

from dataclasses import replace

import pytest

from bot.ids import Action, Callback, input_block
from bot.views.kit.blocks import parse_metadata
from bot.views.setup.plan import plan_view
from bot.views.setup.screen import step_view
from bot.views.setup.sources import source_options, sources_view
from flows.errors import ErrorCode, Field, FieldError
from flows.model import (
    Catalogue,
    CatalogueEntry,
    DestinationState,
    Observed,
    Outcome,
    Screen,
    Situation,
    Unheard,
    Verification,
)
from flows.setup.results import Notice, ShowStep
from flows.setup.steps import asks_for_day, choose_plan
from flows.vocabulary import CallType, Plan, Source, Stamp
from tests.faults.size import LONG
from tests.unit.setup.setup_cases import NOW, TAKEN, every_result, free, ready
from tests.unit.views.message_cases import ADA, LONG_NAMES, NAMES, integration, request, stages
from tests.unit.views.message_checks import NO_SCHEMAS
from tests.unit.views.modal_checks import (
    action_values,
    check_modal,
    drawn,
    inputs,
    modal_problems,
    travelling,
    words,
)

# Where there is most of everything: `make faults` takes every kind of name, `make test` those that
# are long. The others reach no limit that these do not.
WORST = [(name, 100) for name in (NAMES if LONG else LONG_NAMES)]
WORST += [("long", 1), ("long", 11), ("plain", 11), ("markup", 1)]
CALLBACKS = {screen: {Callback[screen.name]} for screen in Screen}
CALLBACKS[Screen.LIVE_SYNC] |= {Callback.LIVE_CHECK, Callback.LIVE_CONNECTED}
CALLBACKS[Screen.REPLAY] |= {Callback.REPLAY_NEEDS}
CALLBACKS[Screen.REPLAY_STATUS] |= {
    Callback.REPLAY,
    Callback.STATUS_SENT,
    Callback.STATUS_SCHEDULED,
    Callback.STATUS_RUNNING,
    Callback.STATUS_FINISHED,
}
for _form in (Screen.REPLAY_EVENTS, Screen.REPLAY_PREVIEW, Screen.REPLAY_STATUS):
    CALLBACKS[_form] |= {Callback.REPLAY_NEEDS}
TOKEN_BLOCK = input_block(Field.TOKEN)


# --- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "count"), WORST)
def test_screens_stay_within_slacks_limits(name: str, count: int) -> None:
    for result in every_result(NAMES[name], count):
        modal = check_modal(step_view(result, nonce="n1", entry=TAKEN))
        if isinstance(result, ShowStep):
            assert modal["callback_id"] in CALLBACKS[result.screen]


def test_screens_conform_to_slacks_published_types() -> None:
    shown = [
        step_view(result) for count in (3, 12) for result in every_result(NAMES["markup"], count)
    ]
    problems = modal_problems(travelling(view) for view in shown)
    if problems is None:
        pytest.skip(NO_SCHEMAS)
    assert problems == []


# --- every screen -------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", list(Screen))
def test_each_screen_shows_progress_and_offers_help(screen: Screen) -> None:
    situation = replace(ready(), integration=replace(ready().integration, revision=7))
    requested = replace(situation.integration, replay=request(situation.integration))
    if screen is Screen.REPLAY_STATUS:
        situation = replace(situation, integration=requested)
    modal = drawn(screen, situation)
    assert modal["callback_id"] in CALLBACKS[screen]
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


def test_the_plan_is_one_press_and_no_region_is_asked_for_or_claimed() -> None:
    bare = replace(integration(), plan=None, credentials=None, sources=())
    modal = check_modal(plan_view(ShowStep(Screen.PLAN, replace(ready(), integration=bare))))
    assert inputs(modal) == {}
    assert "submit" not in modal
    pressed = [block["accessory"] for block in modal["blocks"] if "accessory" in block]
    assert [each["action_id"] for each in pressed] == [Action.PICK_PLAN] * 3
    assert [each["value"] for each in pressed] == ["business", "team", "free"]
    unproved = replace(bare, plan=Plan.BUSINESS)
    shown = words(
        check_modal(plan_view(ShowStep(Screen.PLAN, replace(ready(), integration=unproved))))
    )
    assert "Plan: Business ·" in shown
    assert "Business (chosen)" in shown.replace("*", "")


@pytest.mark.parametrize(("name", "situation"), list(stages()))
def test_a_plan_asks_first_where_it_deletes_what_was_entered(
    name: str, situation: Situation
) -> None:
    modal = check_modal(plan_view(ShowStep(Screen.PLAN, situation)))
    asked = [each["accessory"] for each in modal["blocks"] if "accessory" in each]
    for press in (each for each in asked if each["action_id"] != Action.GO_TO):
        plan = Plan(press["value"])
        after = choose_plan(situation.integration, plan, Stamp("U0ADA00001", NOW)).integration
        loses = situation.integration.credentials is not None and after.credentials is None
        loses = loses and not asks_for_day(situation.integration, plan)  # that comes first
        assert ("confirm" in press) == loses, f"{name}, {plan}"


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
    shared = words(check_modal(step_view(result, entry=TAKEN)))
    assert "given to nobody" in alone
    assert "given to nobody" not in shared
    assert "given once to Toplyne" in shared


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


def _but(situation: Situation, **facts: object) -> Situation:
    return replace(situation, integration=replace(situation.integration, **facts))  # type: ignore[arg-type]


@pytest.mark.parametrize("verification", [v for v in Verification if v != "rejected"])
def test_free_waits_once_somebody_says_that_toplyne_is_connected(
    verification: Verification,
) -> None:
    said = words(drawn(Screen.LIVE_SYNC, _but(free(verification), says_connected=ADA)))
    assert "Next: connect" not in said
    assert "Meanwhile you can connect" not in said
    assert said.count("Next: wait; a person at Toplyne checks") == 1
    assert said.count("A person at Toplyne checks") == 0, "said once"


def test_a_receipt_of_free_claims_no_ids_and_no_counts() -> None:
    confirmed = free(Verification.CONFIRMED)
    done = _but(confirmed, live_started=ADA, outcome=Outcome.LIVE_ONLY, outcome_reached=ADA)
    said = words(drawn(Screen.RECEIPT, done))
    assert "how many events" not in said
    assert "The names above, and who did which step." in said
    assert "the record of who did what stays" in said


def test_the_text_to_send_stands_once_and_before_the_steps_that_use_it() -> None:
    base = ready()
    first = replace(request(base.integration), number=1)
    modal = drawn(Screen.REPLAY_STATUS, _but(base, replay=first))
    said = words(modal)
    assert said.index("The text for Segment") < said.index("Copy the request")
    assert Action.REPLAY_VERSION not in action_values(modal)
    modal = drawn(Screen.REPLAY_STATUS, _but(base, replay=replace(first, number=2)))
    assert Action.REPLAY_VERSION in action_values(modal)


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
    assert (input_block(Field.SOURCE_IDS) in shown) is (count == 0)
    if block:
        assert not block["optional"], "one required question"
        result = ShowStep(Screen.SOURCES, ready(count=count))
        pasting = inputs(check_modal(sources_view(result, unlisted=True)))
        assert pasting.keys() == {input_block(Field.SOURCES), input_block(Field.SOURCE_IDS)}
        assert all(each["optional"] for each in pasting.values())


def test_each_source_says_what_it_sends_beside_its_name() -> None:
    entries = (
        CatalogueEntry(Source("a", "web", "Web"), True, 1204, (CallType.IDENTIFY, CallType.TRACK)),
        CatalogueEntry(Source("b", "ios", "iOS"), True, 0),
        CatalogueEntry(Source("c", "old", "Old"), False, 7, (CallType.PAGE,)),
        CatalogueEntry(Source("d", "new", "New"), True, None),
    )
    said = [
        each.to_dict()["description"]["text"]
        for each in source_options(Observed(Catalogue(entries, NOW)), "")
    ]
    assert said == [
        "Identify, Track: 1,204 events in 30 days",
        "Nothing in 30 days · Source ID b",
        "Switched off in Segment · Source ID c",
        "Source ID d",
    ]


def test_chosen_sources_are_marked_and_pasted_ones_stay_typed() -> None:
    situation = ready(count=3)
    pasted = Source("pastedid", "elsewhere")
    chosen = (situation.integration.sources[1], pasted)
    of = replace(situation.integration, sources=chosen)
    shown = inputs(drawn(Screen.SOURCES, replace(situation, integration=of)))
    ticked = shown[input_block(Field.SOURCES)]["element"]["initial_options"]
    assert [option["value"] for option in ticked] == [chosen[0].id]
    assert shown[input_block(Field.SOURCE_IDS)]["element"]["initial_value"] == "pastedid"


@pytest.mark.parametrize("count", [3, 30])
def test_what_was_deleted_in_segment_is_no_longer_offered(count: int) -> None:
    situation = ready(count=count)
    gone = situation.integration.sources[0].id
    deleted = replace(situation.observed.statuses[gone], deleted=True, enabled=False)
    observed = replace(situation.observed, statuses={**situation.observed.statuses, gone: deleted})
    modal = drawn(Screen.SOURCES, replace(situation, observed=observed))
    assert gone not in str(inputs(modal))
    assert situation.integration.sources[1].id in str(inputs(modal))
    assert gone not in [option.value for option in source_options(observed, "")]


def test_options_are_found_by_name_slug_or_id_without_case() -> None:
    observed = ready(count=100).observed
    catalogue = observed.catalogue
    assert catalogue is not None
    special = CatalogueEntry(Source("ID42", "back-end", "Ünïque"), enabled=False)
    entries = (*catalogue.entries, special)
    grown = replace(observed, catalogue=replace(catalogue, entries=entries))
    address = "https://app.segment.com/acme/sources/ID42/overview"
    for query in ("ünïq", "BACK-END", " id42 ", "“back-end”,", "- ünïque\u200b", address):
        (option,) = source_options(grown, query)
        assert option.value == "ID42"
    assert len(source_options(grown, "")) == 100
    assert source_options(grown, "nothing like it") == []
    assert source_options(Observed(), "") == []


@pytest.mark.parametrize("count", [3, 40, 41, 100])
def test_what_does_not_deliver_is_shown_however_many_do(count: int) -> None:
    now = ready(count=count)
    last, before = now.integration.sources[-1], now.integration.sources[-2]
    off, on = DestinationState.DISABLED, now.observed.statuses
    unheard = replace(on[before.id], unheard=Unheard.NO_FIGURES, first_delivered_at=None)
    statuses = {**on, before.id: unheard, last.id: replace(on[last.id], destination=off)}
    observed = replace(now.observed, statuses=statuses)
    view = step_view(ShowStep(Screen.LIVE_SYNC, replace(now, observed=observed)))
    said = words(check_modal(view))
    assert [source for source in (last, before) if source.id not in said] == []
    assert "Connections → Destinations" in said, "its numbered steps"
    first, *others = now.integration.sources
    stopped = {each.id: replace(on[each.id], enabled=False) for each in others}
    observed = replace(observed, statuses={**on, **stopped})
    view = step_view(ShowStep(Screen.LIVE_SYNC, replace(now, observed=observed)))
    assert first.id in words(check_modal(view)), "nor one that does, among many that do not"


@pytest.mark.parametrize("screen", [Screen.REPLAY_PREVIEW, Screen.REPLAY, Screen.SOURCES])
def test_each_screen_names_every_source_that_is_broken(screen: Screen) -> None:
    now = ready(count=4)
    web, ios, android, site = now.integration.sources
    statuses, off = dict(now.observed.statuses), DestinationState.DISABLED
    for each in (ios, android):
        statuses[each.id] = replace(statuses[each.id], destination=off)
    statuses[site.id] = replace(statuses[site.id], stopped_at=NOW)
    named = tuple(replace(each, name=f"Named {each.id}") for each in (web, ios, android, site))
    broken = _but(now, sources=named)
    alerts = [
        block["text"]["text"]
        for block in drawn(screen, replace(broken, observed=Observed(statuses=statuses)))["blocks"]
        if block["type"] == "section" and block["text"]["text"].startswith("⚠")
    ]
    said = " ".join(each for each in alerts if "I could not" not in each)
    shown = [each.id for each in named if f"Named {each.id}" in said]
    assert shown == [ios.id, android.id, site.id]
