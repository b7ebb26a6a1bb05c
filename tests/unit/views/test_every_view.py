"""Slack takes whatever is drawn anywhere."""

from playground.slack.blocks.check import check_blocks, check_view
from tests.unit.views.every_view import every_home, every_message, every_modal


def test_every_window_and_every_home() -> None:
    for kind, views in (("modal", every_modal()), ("home", every_home())):
        for view in views:
            assert check_view(view, kind) == [], view


def test_every_message() -> None:
    for message in every_message():
        assert check_blocks(message, "message") == [], message
