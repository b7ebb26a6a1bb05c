"""The answer to an earlier press does not take the place of that to a later one."""

from pathlib import Path

import pytest

import bot
from bot.inbound import in_order
from bot.inbound.in_order import InOrder
from flows.ports import PRESSED_AT

ROOT = Path(bot.__file__).parent


def takes(shown: InOrder, view_id: str, pressed_at: float) -> bool:
    PRESSED_AT.set(pressed_at)
    return shown.takes(view_id)


def test_a_modal_shows_the_answer_to_the_latest_press() -> None:
    shown = InOrder()
    assert takes(shown, "V1", 2.0)
    assert not takes(shown, "V1", 1.0)
    assert takes(shown, "V1", 2.0), "the same press draws it again"
    assert takes(shown, "V2", 1.0), "another modal"
    assert takes(shown, "V1", 3.0)
    assert not takes(shown, "V1", 2.0)


def test_only_so_many_modals_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_order, "MODALS_KEPT", 1)
    shown = InOrder()
    assert takes(shown, "V1", 2.0)
    assert takes(shown, "V2", 2.0)
    assert takes(shown, "V1", 1.0)


@pytest.mark.parametrize(
    ("way", "known"),
    [
        ("views_update(", {"inbound/failures.py", "inbound/press.py"}),
        ('response_action="update"', {"inbound/answers.py"}),
    ],
)
def test_every_modal_that_is_drawn_anew_keeps_the_order(way: str, known: set[str]) -> None:
    paths = [*ROOT.glob("handlers/*.py"), *ROOT.glob("inbound/*.py")]
    found = {str(path.relative_to(ROOT)) for path in paths if way in path.read_text()}
    assert found == known
