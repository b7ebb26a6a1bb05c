"""The small modals: they keep Slack's limits and lead back to where they were opened."""

from datetime import date

import pytest

from bot.ids import input_block
from bot.views.csm import messages as csm_messages
from bot.views.csm import modals as csm_modals
from bot.views.people.dialogs import (
    delegate_view,
    disconnect_view,
    disconnected_view,
    done_view,
    forget_token_view,
    help_view,
    progress_view,
    screen_of,
    upgraded_view,
)
from bot.views.people.said import ended_view, said_view
from flows.checks.question import CheckKind
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Screen, Situation
from flows.setup.results import Done, Said, ShowProgress
from flows.setup.steps import upgrade
from flows.vocabulary import Stamp
from tests.unit.inbound.refusal_cases import refused
from tests.unit.setup.setup_cases import ready
from tests.unit.views.every_view import SAID, left, looked, requested
from tests.unit.views.message_cases import NAMES, NOW, stages
from tests.unit.views.message_checks import schema
from tests.unit.views.modal_checks import check_modal, inputs, words

CUSTOMER = "T0000000001|int_" + "0" * 32


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
        disconnected_view(situation.integration),
        forget_token_view(situation),
        csm_modals.reject_view(looked(situation), CUSTOMER),
        csm_modals.message_view(looked(situation), CUSTOMER, {}),
        csm_modals.account_view(looked(situation), CUSTOMER),
        csm_modals.csm_snooze_view(looked(situation), CUSTOMER),
        csm_modals.assign_view(looked(situation), CUSTOMER),
        csm_modals.replay_mark_view(looked(requested()), CUSTOMER),
        csm_messages.reply_view(situation),
        *(said_view(Done(said, situation, SAID.get(said, ""))) for said in Said),
        ended_view(None, "What I typed"),
        ended_view(left()),
        done_view(),
        *(each.modal for each in refused("ref-0123456789")),
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
        assert ("I try again by myself" in words(modal)) is retrying


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


@pytest.mark.parametrize(("name", "situation"), list(stages()))
def test_an_upgrade_says_so_where_it_deletes_what_was_entered(
    name: str, situation: Situation
) -> None:
    before = situation.integration
    after = upgrade(situation, NOW.date(), Stamp("U0ADA00001", NOW)).integration
    loses = before.credentials is not None and after.credentials is None
    form = words(check_modal(upgraded_view(situation)))
    assert ("I delete what was entered for Free" in form) == loses, name
