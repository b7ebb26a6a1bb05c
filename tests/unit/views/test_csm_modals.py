"""CSMs' windows name their customer; lines of board and digest have the button that they need."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from slack_sdk.models.views import View

from bot.handlers import csm_forms as handlers
from bot.ids import Action, Callback, parse_about_value
from bot.strings.blockers import SOURCE_UNNAMED
from bot.strings.suggestions import SUGGESTED
from bot.views.csm import modals
from bot.views.csm.board import board_view
from bot.views.csm.customer_lines import line_button, whose
from bot.views.csm.digest import digest_message
from bot.views.csm.questions import answered_view
from bot.views.kit.text import name
from bot.views.people.dialogs import decided_view
from bot.views.replay.dialogs import version_view
from flows.csm.board import PAGE_SIZE, Customer
from flows.csm.conversation import MAX_MESSAGE
from flows.csm.deciding import Looked
from flows.csm.digest import Digest
from flows.csm.facts import Need
from flows.csm.steps import MAX_ACCOUNT, Confirmable, confirmable, oldest_unconfirmed
from flows.model import Situation, WaitingOn
from flows.secret_shapes import looks_secret
from flows.setup.blockers import Blocker, first_blocker
from tests.support.flow_services import Services
from tests.unit.csm.test_doors import Deps, Registry
from tests.unit.setup.setup_cases import ready
from tests.unit.views.board_cases import CSM, OWNERS, address, board, customer, customers
from tests.unit.views.every_view import CUSTOMER, confirmables, looked, owned, requested
from tests.unit.views.message_cases import NAMES, NOW, request, stages
from tests.unit.views.message_checks import buttons, check_message
from tests.unit.views.modal_checks import check_modal, inputs

STAGES = dict(stages())


def of(situation: Situation, customer: str, account: str = "") -> Looked:
    csm = replace(situation.integration.csm, account=account[:MAX_ACCOUNT])
    named = replace(situation, integration=replace(situation.integration, csm=csm))
    return looked(named, customer)


DRAW: dict[Callback, Callable[[Looked], View]] = {
    Callback.REJECT: lambda seen: modals.reject_view(seen, CUSTOMER),
    Callback.CSM_ASSIGN: lambda seen: modals.assign_view(seen, CUSTOMER),
    Callback.CSM_MESSAGE: lambda seen: modals.message_view(seen, CUSTOMER, {}),
    Callback.CSM_ANSWERED: lambda seen: answered_view(seen, CUSTOMER, {}),
    Callback.CSM_CONFIRM: lambda seen: modals.confirm_view(seen, CUSTOMER),
    Callback.CSM_ACCOUNT: lambda seen: modals.account_view(seen, CUSTOMER),
    Callback.CSM_SNOOZE: lambda seen: modals.csm_snooze_view(seen, CUSTOMER),
    Callback.CSM_REPLAY: lambda seen: modals.replay_mark_view(seen, CUSTOMER),
    Callback.REPLAY_VERSION: lambda seen: version_view(
        request(seen.situation.integration), [2], "Ada", [], about=[whose(seen)]
    ),
    Callback.DONE: lambda seen: decided_view("Why", "typed", [whose(seen)]),
}
ABOUT: dict[Callback, Situation] = {
    Callback.CSM_ANSWERED: owned(),
    Callback.CSM_CONFIRM: STAGES["free unverified"],
    Callback.CSM_REPLAY: requested(),
    Callback.REJECT: requested(),
}


def test_every_window_of_csms_is_in_the_table() -> None:
    found = Registry()
    handlers.register(cast("Any", found), cast("Any", Deps(Services())))
    submitted = {each.removeprefix("view:") for each in found.found if each.startswith("view:")}
    assert submitted | {Callback.REPLAY_VERSION, Callback.DONE} == set(DRAW)


@pytest.mark.parametrize("callback", DRAW)
@pytest.mark.parametrize("named", NAMES)
def test_it_names_its_customer_clipped_and_escaped(callback: Callback, named: str) -> None:
    label = NAMES[named]
    seen = of(ABOUT.get(callback, ready()), label, label)
    modal = check_modal(DRAW[callback](seen))
    assert modal["callback_id"] == callback
    (line,) = modal["blocks"][0]["elements"]
    account = name(label[:MAX_ACCOUNT])
    assert line["text"] == f"Customer: *{name(label)}*, Toplyne account {account}"
    plain = of(ABOUT.get(callback, ready()), label)
    credentials = plain.situation.integration.credentials
    workspace = f", Segment workspace {credentials.workspace.slug}" if credentials else ""
    shown = check_modal(DRAW[callback](plain))["blocks"][0]["elements"][0]["text"]
    assert shown == f"Customer: *{name(label)}*{workspace}"


# --- what a CSM could write -----------------------------------------------------------------------


def test_there_is_something_to_write_about_every_blocker() -> None:
    assert set(SUGGESTED) == set(Blocker)
    for text in SUGGESTED.values():
        said = text.format(source=SOURCE_UNNAMED)
        assert not looks_secret(said)
        assert len(said) < MAX_MESSAGE - 100


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("label", NAMES)
def test_a_message_begins_with_it_in_plain_text(stage: str, label: str) -> None:
    situation = dict(stages(NAMES[label]))[stage]
    modal = check_modal(modals.message_view(looked(situation), CUSTOMER, {}))
    (field,) = inputs(modal).values()
    draft = field["element"].get("initial_value", "")
    assert draft == modals.suggested(situation)
    assert bool(draft) is (first_blocker(situation) is not None)
    assert "{source}" not in draft


def test_an_answer_begins_empty_and_a_secret_name_is_withheld() -> None:
    modal = check_modal(modals.message_view(looked(owned()), CUSTOMER, {}, 2))
    (field,) = inputs(modal).values()
    assert "initial_value" not in field["element"]
    secret = "sgp_" + "a1" * 32
    odd = dict(stages(secret))["destination disabled"]
    assert secret not in modals.suggested(odd)
    assert not looks_secret(modals.suggested(odd))


# --- the question before a CSM's word counts ------------------------------------------------------


@pytest.mark.parametrize("what", Confirmable)
def test_a_question_names_what_it_is_about(what: Confirmable) -> None:
    situation = next(each for each in confirmables() if confirmable(each) is what)
    modal = check_modal(modals.confirm_view(looked(situation), CUSTOMER))
    asked = next(b["block_id"] for b in modal["blocks"] if b.get("block_id", "").count(":") == 2)
    found, number = modals.confirms(asked.partition(":")[2])
    assert found is what
    waiting = oldest_unconfirmed(situation.integration)
    history = what is Confirmable.HISTORY and waiting
    assert number == (waiting.number if history and waiting else situation.integration.revision)


# --- lines ----------------------------------------------------------------------------------------

BY_NEED = {
    Need.HELP: Action.CSM_ANSWER,
    Need.REPLIED: Action.CSM_ANSWER,
    Need.UNCONFIRMED: Action.CSM_OPEN_CONFIRM,
    Need.CONNECTED: Action.CSM_OPEN_CONFIRM,
    Need.CONFIRM: Action.CSM_OPEN_CONFIRM,
    Need.TOKEN_REVOKED: Action.CSM_MESSAGE,
    Need.BROKEN: Action.CSM_MESSAGE,
    Need.STUCK: Action.CSM_MESSAGE,
    Need.REPLAY_OVERDUE: Action.CSM_MESSAGE,
    Need.UNINSTALLED: Action.BOARD_CLAIM,
    Need.UNOWNED: Action.BOARD_CLAIM,
}


def action_of(line: Customer, claim: Action = Action.BOARD_CLAIM) -> str | None:
    found = line_button(line, NOW, address, claim)
    return found.action_id if found else None


@pytest.mark.parametrize("need", Need)
def test_a_line_has_the_button_of_what_a_csm_is_needed_for(need: Need) -> None:
    needing = customer(need=need.value, urgency=need.urgency, need_at=NOW)
    assert action_of(needing) == BY_NEED[need]
    assert action_of(replace(needing, left=True, removed=True)) == Action.OPEN_LINK
    if BY_NEED[need] is Action.BOARD_CLAIM:
        assert action_of(needing, Action.CSM_CLAIM) == Action.CSM_CLAIM
    later = customer(need=need.value, need_at=NOW.replace(year=2030), owner=CSM)
    assert action_of(later) == Action.CSM_MESSAGE, "nobody is needed yet"


@pytest.mark.parametrize("blocker", Blocker)
def test_a_line_without_a_need_has_a_message_where_the_customer_must_act(
    blocker: Blocker,
) -> None:
    waiting = blocker.waiting_on
    line = customer(blocker=blocker.value, waiting_on=waiting, owner=CSM)
    writes = waiting is WaitingOn.CUSTOMER
    assert action_of(line) == (Action.CSM_MESSAGE if writes else Action.OPEN_LINK)
    assert action_of(replace(line, overview=replace(line.overview, owner=""))) == Action.BOARD_CLAIM


def test_a_full_page_has_one_button_a_line_that_names_its_customer() -> None:
    page = list(customers("Wide <name> & more" * 20))[:PAGE_SIZE]
    modal = check_modal(board_view(board(page), address, OWNERS))
    lines = [block["accessory"] for block in modal["blocks"] if "accessory" in block]
    assert len(lines) == PAGE_SIZE
    for each in lines:
        if each["action_id"] != Action.OPEN_LINK:
            assert parse_about_value(each["value"]) == ("T1", "int_1", None)


def test_the_digest_has_a_button_for_each_line() -> None:
    needing = [
        customer(need=need.value, urgency=need.urgency, need_at=NOW) for need in list(Need) * 2
    ][:10]
    blocks = check_message(digest_message(Digest(needing, 14, None, NOW), address, OWNERS))
    rows = [block for block in blocks if "accessory" in block]
    assert len(rows) == len(needing)
    assert len(buttons(blocks)) == len(needing) + 1
