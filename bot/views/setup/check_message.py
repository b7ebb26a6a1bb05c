"""How a check ended that went on after its modal: what was found, and the way back."""

import json
from collections.abc import Mapping

from bot.ids import Action
from bot.strings import messages as strings
from bot.views.kit.blocks import button
from bot.views.kit.message import Rendered, compose
from bot.views.kit.next_step import main_button, next_words
from bot.views.kit.text import escape
from bot.views.kit.wording import error_text, notice_text
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Screen, Situation
from flows.setup.blockers import current_screen
from flows.setup.results import CheckKind, Notice


def check_done(params: Mapping[str, str], situation: Situation) -> Rendered:
    """`params`: kind; error, field and details (JSON) when it went wrong; screen; notice."""
    kind = CheckKind(params["kind"])
    if "error" in params:
        return _refused(kind, params, situation)
    if "notice" not in params:
        return compose(strings.CHECK_GOOD[kind], next_words(situation), [main_button(situation)])
    notice = Notice(params["notice"])
    state = escape(notice_text(notice))
    if notice is Notice.TOKEN_REFUSED:
        enter = button(
            strings.CHECK_TOKEN_BUTTON, Action.OPEN_SCREEN, Screen.CREDENTIALS, style="primary"
        )
        return compose(state, strings.CHECK_TOKEN_NEXT, [enter])
    return compose(state, next_words(situation), [main_button(situation)])


def _refused(kind: CheckKind, params: Mapping[str, str], situation: Situation) -> Rendered:
    error = parse_error(params)
    state = f"{strings.CHECK_BAD[kind]} {escape(error_text(error))}"
    screen = params.get("screen") or current_screen(situation.integration, situation.observed)
    ask = button(strings.ASK_HELP_BUTTON, Action.ASK_HELP, screen)
    unavailable = error.code is ErrorCode.SEGMENT_UNAVAILABLE
    label = strings.CHECK_UNAVAILABLE_BUTTON if unavailable else strings.CHECK_BAD_BUTTON
    next_step = strings.CHECK_UNAVAILABLE_NEXT if unavailable else strings.CHECK_BAD_NEXT
    again = button(label, Action.OPEN_SCREEN, screen, style="primary")
    return compose(state, next_step, [again, ask])


def parse_error(params: Mapping[str, str]) -> FieldError:
    """The error that a stored message carries as texts."""
    details = json.loads(params.get("details", "{}"))
    return FieldError(Field(params["field"]), ErrorCode(params["error"]), details)
