"""Slack takes whatever is drawn anywhere."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import ContextBlock, SectionBlock

from bot.views.setup.screen import step_view
from playground.slack.blocks.check import check_blocks, check_view
from tests.support import quick_blocks
from tests.unit.setup.setup_cases import every_result
from tests.unit.views.every_view import every_home, every_message, every_modal


def test_every_window_and_every_home() -> None:
    for kind, views in (("modal", every_modal()), ("home", every_home())):
        for view in views:
            assert check_view(view, kind) == [], view


def test_every_message() -> None:
    for message in every_message():
        assert check_blocks(message, "message") == [], message


SCREENS_APART = 10


@contextmanager
def as_the_sdk_does() -> Iterator[None]:
    quick_blocks.uninstall()
    try:
        yield
    finally:
        quick_blocks.install()


def test_the_quick_way_of_the_tests_to_draw_is_that_of_the_sdk() -> None:
    """Each message and Home, and a tenth of the screens, which are alike."""
    for draw in (every_home, every_message):
        quick = draw()
        with as_the_sdk_does():
            assert quick == vars(draw)["__wrapped__"]()
    for view in map(step_view, tuple(every_result("Web app", 12))[::SCREENS_APART]):
        drawn = view.to_dict()
        with as_the_sdk_does():
            assert drawn == view.to_dict()


def test_the_quick_way_refuses_what_the_sdk_refuses() -> None:
    for refused in (SectionBlock(text="x" * 3001), ContextBlock(elements=["x"] * 11)):
        with pytest.raises(SlackObjectFormationError):
            refused.to_dict()
        with as_the_sdk_does(), pytest.raises(SlackObjectFormationError):
            refused.to_dict()
