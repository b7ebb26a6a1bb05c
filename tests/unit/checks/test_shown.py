"""The waiting modal: what is done, what is being done, and what comes next."""

from dataclasses import replace

import pytest

from bot.views.people.dialogs import progress_view
from flows.checks.question import CheckKind, CheckStage, Found
from flows.model import Verification
from flows.setup.results import ShowProgress
from flows.vocabulary import Plan
from tests.unit.setup.setup_cases import free, ready
from tests.unit.views.modal_checks import check_modal, words

HARD = "*Bold* <!channel> & שלום " * 20


def lines(kind: CheckKind, *found: Found, retrying: bool = False, plan: Plan | None = None) -> str:
    situation = ready()
    if plan is Plan.FREE:
        situation = free(Verification.UNVERIFIED)
    elif plan:
        situation = replace(situation, integration=replace(situation.integration, plan=plan))
    shown = ShowProgress(kind, "chk_1", situation, retrying, found)
    return words(check_modal(progress_view(shown)))


def test_at_first_the_first_question_is_being_asked() -> None:
    text = lines(CheckKind.TOKEN)
    assert "*Now:* asking Segment whether it accepts the token" in text
    assert text.count("Then: ") == 2
    assert "Done" not in text


def test_answers_move_the_rest_up() -> None:
    text = lines(CheckKind.TOKEN, Found(CheckStage.TOKEN), Found(CheckStage.WORKSPACE, "Acme Inc"))
    assert "Done: token accepted\nDone: workspace Acme Inc\n*Now:* reading the list" in text
    assert "Then: " not in text


def test_free_lists_no_sources() -> None:
    assert "list of sources" not in lines(CheckKind.TOKEN, plan=Plan.FREE)


@pytest.mark.parametrize("kind", list(CheckKind))
def test_everything_found_and_nothing_left_to_ask(kind: CheckKind) -> None:
    text = lines(kind, *(Found(stage, "Web app") for stage in CheckStage))
    assert "Done: " in text
    assert "Now" not in text


@pytest.mark.parametrize("kind", list(CheckKind))
def test_names_as_people_write_them_stay_names(kind: CheckKind) -> None:
    text = lines(kind, *(Found(stage, HARD) for stage in CheckStage), retrying=True)
    assert "<!channel>" not in text
    assert "This is not your mistake" in text
