"""The message after a check that outlived its modal: what it found, and the way back."""

from bot.ids import Action
from bot.strings import messages as strings
from bot.views.kit.blocks import button
from bot.views.kit.message import Rendered, compose
from bot.views.kit.next_step import main_button, next_words
from bot.views.kit.text import escape
from bot.views.kit.wording import error_text, notice_text
from bot.views.setup.common import workspace_name
from flows.errors import ErrorCode, FieldError
from flows.model import Screen, Situation
from flows.outbox.bodies import CheckDone
from flows.setup.results import Notice


def check_done(done: CheckDone, situation: Situation) -> Rendered:
    if done.error:
        return _refused(done, done.error)
    if done.notice is None:
        workspace = workspace_name(situation.integration) or strings.SEGMENT
        state = strings.CHECK_GOOD[done.what].format(workspace=workspace)
        return compose(state, next_words(situation), [main_button(situation)])
    state = escape(notice_text(done.notice))
    if done.notice is Notice.TOKEN_REFUSED:
        enter = button(
            strings.CHECK_TOKEN_BUTTON, Action.OPEN_SCREEN, Screen.CREDENTIALS, style="primary"
        )
        return compose(state, strings.CHECK_TOKEN_NEXT, [enter])
    return compose(state, next_words(situation), [main_button(situation)])


def _refused(done: CheckDone, error: FieldError) -> Rendered:
    state = f"{strings.CHECK_BAD[done.what]} {escape(error_text(error))}"
    ask = button(strings.ASK_HELP_BUTTON, Action.ASK_HELP, done.screen)
    unavailable = error.code in (ErrorCode.SEGMENT_UNAVAILABLE, ErrorCode.SECRET_LOST)
    label = strings.CHECK_UNAVAILABLE_BUTTON if unavailable else strings.CHECK_BAD_BUTTON
    next_step = strings.CHECK_UNAVAILABLE_NEXT if unavailable else strings.CHECK_BAD_NEXT
    again = button(label, Action.OPEN_SCREEN, done.screen, style="primary")
    return compose(state, next_step, [again, ask])
