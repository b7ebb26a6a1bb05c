"""How small modals end: they confirm what was stored, or say that the set-up is gone."""

from collections.abc import Callable, Mapping
from datetime import date

from slack_sdk.models.views import View

from bot.ids import Callback
from bot.strings import csm, managing, reminders
from bot.strings import dialogs as strings
from bot.views.kit.blocks import actions, make_metadata, modal, section, to_copy
from bot.views.kit.next_step import ended_words
from bot.views.kit.text import day, user
from bot.views.people.dialogs import done_view
from bot.views.people.managing import asked_words, people_set_words
from flows.model import Situation
from flows.setup.results import Done, Said


def said_view(done: Done) -> View:
    """Confirms what a use case says that it has done. No other view confirms anything."""
    return _SAID[done.said](done)


def _colleague_asked(done: Done) -> View:
    return done_view(strings.DELEGATED_TITLE, strings.DELEGATED.format(who=user(done.detail)))


def _sent_to_toplyne(done: Done) -> View:
    go_on = f" {strings.HELPED_GO_ON}" if done.situation.integration.begun else ""
    return done_view(strings.HELPED_TITLE, strings.HELPED + go_on)


def _only_asked(_done: Done) -> View:
    return done_view(strings.HELPED_TITLE, strings.HELPED)


def _managers_asked(done: Done) -> View:
    return done_view(managing.ASKED_TITLE, asked_words(done.detail.split()))


def _people_set(done: Done) -> View:
    return done_view(managing.PEOPLE_SET_TITLE, people_set_words(done.situation.integration))


def _replied(_done: Done) -> View:
    return done_view(csm.REPLIED_TITLE, csm.REPLIED)


def _snoozed(done: Done) -> View:
    text = reminders.DATED.format(day=day(date.fromisoformat(done.detail)))
    return modal(reminders.DATED_TITLE, Callback.DONE, [section(text)])


_SAID: Mapping[Said, Callable[[Done], View]] = {
    Said.COLLEAGUE_ASKED: _colleague_asked,
    Said.HELP_ASKED: _sent_to_toplyne,
    Said.ONLY_ASKED: _only_asked,
    Said.QUESTION_PASSED_ON: _sent_to_toplyne,
    Said.MANAGERS_ASKED: _managers_asked,
    Said.PEOPLE_SET: _people_set,
    Said.REPLIED: _replied,
    Said.SNOOZED: _snoozed,
}


def ended_view(situation: Situation | None, typed: str = "") -> View:
    """Replaces a modal whose set-up is gone. It shows `typed`, to be copied."""
    state, start = ended_words(situation)
    begun = situation is not None and situation.integration.begun
    return modal(
        strings.REPLACED_TITLE if begun else strings.ENDED_TITLE,
        Callback.DONE,
        [section(state), *to_copy(typed), actions(start)],
        metadata=make_metadata(situation.integration) if situation else "",
    )
