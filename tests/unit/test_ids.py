"""Both sides of every id: all that is drawn is handled, and the reverse, exactly once."""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bot import handlers
from bot.ids import OF_CSMS, Action, Callback, Command, Shortcut
from bot.views.kit.text import EVERYBODY
from tests.unit.views.every_view import (
    CUSTOMER,
    elements,
    every_home,
    every_message,
    every_modal,
    words,
)

FORBIDDEN = re.compile(r"\b(flows?|drops?|hand-?offs?)\b", re.IGNORECASE)


class RecordingApp:
    """Takes registrations as Bolt does, and only notes them."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, str]] = Counter()

    def __getattr__(self, kind: str) -> Callable[[str], Callable[[Any], Any]]:
        def register(matched: str) -> Callable[[Any], Any]:
            self.seen[kind, str(matched)] += 1
            return lambda handler: handler

        return register


class AnyDependency:
    """Stands for any dependency. Registering handlers calls nothing on it."""

    def __getattr__(self, name: str) -> "AnyDependency":
        return self


@pytest.fixture(scope="module")
def registered() -> Counter[tuple[str, str]]:
    app = RecordingApp()
    handlers.register(app, AnyDependency())  # type: ignore[arg-type]
    return app.seen


def ids(registered: Counter[tuple[str, str]], kind: str) -> set[str]:
    return {matched for each, matched in registered if each == kind}


def test_none_of_the_csms_ids_is_left_out() -> None:
    named = {each for each in (*Action, *Callback) if each.name.startswith(("CSM_", "BOARD"))}
    assert named <= OF_CSMS


def messages() -> list[list[dict[str, Any]]]:
    """Drawn when first asked for: each process of a run imports this file."""
    return [*every_message(), *(home["blocks"] for home in every_home())]


def drawn(*, with_the_modal: bool) -> set[str]:
    blocks = [modal["blocks"] for modal in every_modal()] + messages()
    return {
        element["action_id"]
        for each in blocks
        for element in elements(each)
        if element["answers_with_the_modal"] is with_the_modal
    }


def test_every_handler_is_registered_once(registered: Counter[tuple[str, str]]) -> None:
    assert set(registered.values()) == {1}
    assert ids(registered, "command") == set(Command)
    assert ids(registered, "shortcut") == set(Shortcut)
    assert ids(registered, "action") | ids(registered, "options") == set(Action)
    assert not ids(registered, "action") & ids(registered, "options")
    assert {kind for kind, _ in registered} == {
        "command", "shortcut", "action", "view", "view_closed", "options"
    }  # fmt: skip


def test_what_can_be_pressed_has_its_handler_and_is_drawn_somewhere(
    registered: Counter[tuple[str, str]],
) -> None:
    assert drawn(with_the_modal=False) == ids(registered, "action")


def test_searches_are_answered(registered: Counter[tuple[str, str]]) -> None:
    found = {
        element["action_id"]
        for modal in every_modal()
        for element in elements(modal["blocks"])
        if element["type"].endswith("external_select")
    }
    assert found == ids(registered, "options")


def test_modals_with_a_button_to_submit_are_handled(registered: Counter[tuple[str, str]]) -> None:
    submitted = {modal["callback_id"] for modal in every_modal() if "submit" in modal}
    assert submitted == ids(registered, "view")
    assert {modal["callback_id"] for modal in every_modal()} == set(Callback)


def test_a_modal_is_told_when_it_closes_only_where_somebody_listens(
    registered: Counter[tuple[str, str]],
) -> None:
    told = {modal["callback_id"] for modal in every_modal() if modal.get("notify_on_close")}
    assert told == ids(registered, "view_closed")


def test_a_modal_with_inputs_can_be_submitted() -> None:
    for modal in every_modal():
        if any(block["type"] == "input" for block in modal["blocks"]):
            assert "submit" in modal, modal["callback_id"]


def test_private_metadata_holds_the_set_up_and_its_revision_only() -> None:
    """And the ids of whom a form showed, since it changes only what was changed in it."""
    for modal in every_modal():
        metadata = modal.get("private_metadata", "")
        if modal["callback_id"].startswith("csm_") and modal["callback_id"] != Callback.BOARD:
            assert metadata == CUSTOMER
        elif metadata:
            shown = {"added", "asked"} if modal["callback_id"] == Callback.PEOPLE else set()
            assert json.loads(metadata).keys() == {"i", "g", "r"} | shown


@pytest.mark.parametrize("drawn_there", [every_modal, messages])
def test_the_words_of_the_house_stay_inside(drawn_there: Callable[[], Any]) -> None:
    for text in words(list(drawn_there())):
        assert not FORBIDDEN.search(text), text
        assert "!" not in text.replace("<!date", "").replace(EVERYBODY, ""), text
