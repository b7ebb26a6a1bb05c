"""The message after a check that outlived its modal: what it found, and the way back."""

from bot.ids import Action
from bot.strings import messages as strings
from bot.views.kit.blocks import button
from bot.views.kit.message import Rendered, compose
from bot.views.kit.name_list import name_list
from bot.views.kit.next_step import main_button, next_words
from bot.views.kit.text import escape
from bot.views.kit.wording import error_text, notice_text
from bot.views.setup.common import workspace_name
from flows.checks.question import CheckKind
from flows.errors import ErrorCode, FieldError
from flows.model import Screen, Situation
from flows.outbox.bodies import CheckDone
from flows.setup.results import Notice


def check_done(done: CheckDone, situation: Situation) -> Rendered:
    if done.error:
        return _refused(done, done.error, situation)
    if done.notice is None:
        workspace = workspace_name(situation.integration) or strings.SEGMENT
        good = strings.CHECK_GOOD[done.what].format(workspace=workspace)
        state = " ".join([good, *_sources(done, situation)])
        return compose(state, next_words(situation), [main_button(situation)])
    state = " ".join([escape(notice_text(done.notice)), *_about(done, situation)])
    if done.notice is Notice.TOKEN_REFUSED:
        enter = button(
            strings.CHECK_TOKEN_BUTTON, Action.OPEN_SCREEN, Screen.CREDENTIALS, style="primary"
        )
        return compose(state, strings.CHECK_TOKEN_NEXT, [enter])
    return compose(state, next_words(situation), [main_button(situation)])


def _about(done: CheckDone, situation: Situation) -> list[str]:
    """The workspace and the sources that the check was about, each if it is known."""
    workspace = workspace_name(situation.integration)
    found = [strings.CHECK_WORKSPACE.format(workspace=workspace)] if workspace else []
    return [*found, *_sources(done, situation)]


def _sources(done: CheckDone, situation: Situation) -> list[str]:
    """Those that were chosen in the form, else those that are saved."""
    integration, catalogue = situation.integration, situation.observed.catalogue
    answers = done.typed.sources
    if done.what is CheckKind.WRITE_KEY:
        of_key = integration.write_back.source
        labels = [of_key.label] if of_key else []
    elif answers and answers.chosen:
        known = {e.source.id: e.source.label for e in catalogue.entries} if catalogue else {}
        labels = [known.get(source_id, source_id) for source_id in answers.chosen]
    else:
        labels = [source.label for source in integration.sources]
    return [strings.CHECK_SOURCES.format(sources=name_list(labels))] if labels else []


def _refused(done: CheckDone, error: FieldError, situation: Situation) -> Rendered:
    why = f"{strings.CHECK_BAD[done.what]} {escape(error_text(error))}"
    state = " ".join([why, *_about(done, situation)])
    ask = button(strings.ASK_HELP_BUTTON, Action.ASK_HELP, done.screen)
    unavailable = error.code in (ErrorCode.SEGMENT_UNAVAILABLE, ErrorCode.SECRET_LOST)
    label = strings.CHECK_UNAVAILABLE_BUTTON if unavailable else strings.CHECK_BAD_BUTTON
    next_step = strings.CHECK_UNAVAILABLE_NEXT if unavailable else strings.CHECK_BAD_NEXT
    again = button(label, Action.OPEN_SCREEN, done.screen, style="primary")
    return compose(state, next_step, [again, ask])
