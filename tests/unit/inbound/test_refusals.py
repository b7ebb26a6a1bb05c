"""One table says of each error what a person reads and what the log has."""

import logging

import pytest

from bot.inbound.refusals import REFUSALS, refusal_of, sentence
from flows.errors import FlowError, LeftWorkspace, NotFound, RowUnreadable
from tests.unit.inbound.refusal_cases import ERRORS
from tests.unit.views.message_checks import buttons, check_message
from tests.unit.views.modal_checks import check_modal, words


def test_every_line_of_the_table_is_tried() -> None:
    assert [type(each) for each in ERRORS[:-1]] == list(REFUSALS)[:-1]
    assert refusal_of(ERRORS[-1]) is REFUSALS[Exception]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_message_and_modal_say_the_same_unless_a_button_or_a_reference_differs(
    error: Exception,
) -> None:
    said = sentence(error, "0123abcd")
    message, modal = check_message(said.message), check_modal(said.modal)
    if not buttons(message) and "0123abcd" not in said.message.text:
        assert said.message.text in words(modal).replace("\n", " ")
    assert not {"{", "}"} & {*said.message.text, *said.beside}


def test_an_error_is_refused_as_the_nearest_of_its_classes_is() -> None:
    class Lost(LeftWorkspace):
        """One that the table does not have."""

    assert refusal_of(Lost("T1")) is REFUSALS[LeftWorkspace]
    unexpected = refusal_of(RowUnreadable())
    assert unexpected is REFUSALS[Exception] is refusal_of(FlowError())
    assert unexpected.level == logging.ERROR
    assert set(unexpected.details(RowUnreadable())) == {"exc_info"}


def test_a_csm_is_sent_to_the_card_and_a_customer_to_the_newest_message() -> None:
    gone = NotFound("int_1")
    assert "type /segment to see" in sentence(gone, "").message.text
    assert "the customer’s card" in sentence(gone, "", to_csm=True).message.text
