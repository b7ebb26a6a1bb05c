"""The answer to an earlier press does not take the place of that to a later one."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

import bot
from bot.inbound import in_order
from bot.inbound.failures import handle_failure
from bot.inbound.in_order import InOrder
from bot.inbound.press import Press
from flows.ports import PRESSED_AT
from flows.setup.results import NoSetUp

ROOT = Path(bot.__file__).parent


@contextmanager
def pressed(at: float) -> Iterator[None]:
    """Nothing of it is left for the next test of this process."""
    token = PRESSED_AT.set(at)
    yield
    PRESSED_AT.reset(token)


def takes(shown: InOrder, view_id: str, pressed_at: float) -> bool:
    with pressed(pressed_at):
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


class Client:
    """Slack, as far as a failure reaches it."""

    token = "given"  # as after any press whose sender is known

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Awaitable[None]]:
        async def call(**_: object) -> None:
            self.calls.append(name)

        return call


@pytest.mark.parametrize(
    ("pressed_at", "told_by"), [(3.0, "views_update"), (1.0, "chat_postMessage")]
)
async def test_a_late_failure_is_told_beside_what_a_later_press_shows(
    pressed_at: float, told_by: str
) -> None:
    shown, client = InOrder(), Client()
    takes(shown, "V1", 2.0)
    view = {"id": "V1", "type": "modal", "blocks": []}
    body = {"type": "block_actions", "trigger_id": "t", "user": {"id": "U1"}, "view": view}
    press = Press({**body, "actions": [{"action_id": "a"}]}, client, shown)
    with pressed(pressed_at):
        await handle_failure(NoSetUp(None), SimpleNamespace(response="sent"), press)
    assert client.calls == [told_by]


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
