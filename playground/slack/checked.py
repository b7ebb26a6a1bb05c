"""Checks views that the app sends, on every way in."""

from typing import Any

from playground.slack.blocks import check_mrkdwn, check_view
from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.model import Json
from playground.slack.views import size_of

VIEW_BYTES = 250_000


def checked_view(core: Core, view: Any, surface: str) -> Json:
    """The view itself. Raises SlackError, and records texts that were not escaped."""
    problems = check_view(view, surface)
    if problems:
        raise SlackError("invalid_arguments", *problems)
    if size_of(view) > VIEW_BYTES:
        raise SlackError("view_too_large")
    for problem in check_mrkdwn(view["blocks"], "/view/blocks"):
        core.breach(f"view {view.get('callback_id', surface)}", "unescaped_text", problem)
    checked: Json = view
    return checked
