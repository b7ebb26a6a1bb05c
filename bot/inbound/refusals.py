"""What each error means to whoever pressed, and to the log: one line for a class."""

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import ClientError
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ButtonElement
from slack_sdk.models.views import View

from bot.inbound.authorize import Foreign
from bot.logs import problem_of
from bot.outbound.errors import PASSES, ErrorClass, class_of, error_name
from bot.strings import csm, dialogs, managing
from bot.strings import status as strings
from bot.views.kit.message import Rendered, compose, label_of
from bot.views.kit.next_step import start_button
from bot.views.kit.text import code, escape
from bot.views.kit.wording import error_text, wait_words
from bot.views.people.dialogs import done_view
from bot.views.people.managing import refused_message, refused_view
from bot.views.people.said import ended_view
from bot.views.people.status import ask_help, ended_message
from flows.csm.members import NotCsm
from flows.csm.refused import OutOfReach
from flows.errors import (
    DirectoryUnavailable,
    LeftWorkspace,
    MissingScope,
    NotFound,
    NotInstalled,
    NotTaken,
    OwnWorkspace,
    StorageUnavailable,
    TooMany,
)
from flows.setup.permissions import NotAllowed, NotMember
from flows.setup.results import NoSetUp


class NoListener(Exception):
    """Nobody listens to this kind of request with this id."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the person is told: as a message, as a modal, or as plain text beside an input.

    `replaces`: the modal where they pressed has lost its subject, so `modal` takes its place.
    `has_button`: it needs a modal even where a form could say it beside an input.
    """

    message: Rendered
    modal: View
    beside: str
    replaces: bool = False
    has_button: bool = False


Say = Callable[[Any, str, str], Sentence]  # of the error, its reference, and what was typed
Details = Callable[[Any], Mapping[str, object]]  # of the error


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence that differs only by what stands in braces: `reference`, `wait` or `why`.

    The modal says the same as the message, or `window` if that has a button; the input's text too,
    or `beside`.
    """

    title: str
    state: str
    next_step: str
    window: str = ""
    beside: str = ""
    button: Callable[[], ButtonElement] | None = None

    def __call__(self, error: Exception, reference: str, _typed: str = "") -> Sentence:
        buttons = [self.button()] if self.button else []
        differs = _differs(error)
        shown = {key: escape(each) for key, each in differs.items()}
        label = label_of(buttons[0]) if buttons else ""
        next_step = self.next_step.format(**shown, reference=code(reference), button=label)
        message = compose(self.state, next_step, buttons)
        window = self.window.format(reference=reference) or message.text
        beside = self.beside.format(**differs, reference=reference) or message.text
        return Sentence(message, done_view(self.title, window), beside)


def _differs(error: Exception) -> dict[str, str]:
    match error:
        case TooMany():
            return {"wait": wait_words(math.ceil(error.wait))}
        case NotTaken():
            return {"why": error_text(error.error)}
    return {}


FAILURE = Wording(
    dialogs.FAILED_TITLE,
    strings.FAILURE_STATE,
    strings.FAILURE_NEXT,
    dialogs.FAILED,
    strings.FAILURE_BESIDE,
    ask_help,
)
UNSCOPED = Wording(
    strings.MISSING_SCOPE_TITLE, strings.MISSING_SCOPE_STATE, strings.MISSING_SCOPE_NEXT
)
SLACK_PASSES = Wording(
    dialogs.BUSY_TITLE,
    strings.SLACK_PASSES_STATE,
    strings.TRY_AGAIN_NEXT,
    dialogs.SLACK_PASSES,
    strings.SLACK_BUSY_BESIDE,
)
_OF_SLACK = {ErrorClass.UNSCOPED: UNSCOPED, **dict.fromkeys(PASSES, SLACK_PASSES)}


def _refused_by_slack(error: SlackApiError, reference: str, typed: str) -> Sentence:
    return _OF_SLACK.get(class_of(error), FAILURE)(error, reference, typed)


def _no_set_up(error: NoSetUp, _reference: str, typed: str) -> Sentence:
    message, modal = ended_message(error.situation), ended_view(error.situation, typed)
    return Sentence(message, modal, message.text, replaces=True)


def _not_allowed(error: NotAllowed, _reference: str, typed: str) -> Sentence:
    message = refused_message(error.situation, error.onlooker)
    modal = refused_view(error.situation, error.onlooker, typed)
    return Sentence(message, modal, message.text, has_button=True)


def _name(error: Exception) -> Mapping[str, object]:
    return {"error": type(error).__name__}


def _slacks_name(error: SlackApiError) -> Mapping[str, object]:
    return {"error": error_name(error)}


def _problem(error: Exception) -> Mapping[str, object]:
    return {"problem": problem_of(error)}


def _trace(error: Exception) -> Mapping[str, object]:
    return {"exc_info": error}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is said, and the entry in the log. `to_csm`: what is said to a CSM instead."""

    event: str
    say: Say
    level: int = logging.WARNING
    details: Details = _name
    to_csm: Say | None = None


# An error is refused as the nearest of its classes is.
REFUSALS: Mapping[type[BaseException], Refusal] = {
    NoSetUp: Refusal("no_set_up", _no_set_up, logging.INFO),
    NotAllowed: Refusal("not_allowed", _not_allowed),
    NotMember: Refusal(
        "not_allowed", Wording(managing.TITLE, managing.NOT_MEMBER_STATE, managing.NOT_MEMBER_NEXT)
    ),
    TooMany: Refusal(
        "not_allowed", Wording(managing.TITLE, strings.TOO_MANY_STATE, strings.TOO_MANY_NEXT)
    ),
    NotTaken: Refusal(
        "not_taken",
        Wording(
            strings.NOT_TAKEN_TITLE,
            strings.NOT_TAKEN_STATE,
            strings.NOT_TAKEN_NEXT,
            beside="{why}",
        ),
        logging.INFO,
        lambda error: {"error": str(error)},
    ),
    NotCsm: Refusal(
        "not_a_csm",
        Wording(
            dialogs.FAILED_TITLE,
            strings.NOT_FOR_CUSTOMERS_STATE,
            strings.NOT_FOR_CUSTOMERS_NEXT,
            dialogs.NOT_CSM,
            button=partial(start_button, strings.HELP_BUTTON),
        ),
    ),
    OwnWorkspace: Refusal(
        "own_workspace",
        Wording(
            dialogs.OWN_WORKSPACE_TITLE, strings.OWN_WORKSPACE_STATE, strings.OWN_WORKSPACE_NEXT
        ),
        logging.INFO,
    ),
    Foreign: Refusal(
        "foreign", Wording(dialogs.FAILED_TITLE, strings.FOREIGN_STATE, strings.FOREIGN_NEXT)
    ),
    NotInstalled: Refusal(
        "not_installed",
        Wording(dialogs.FAILED_TITLE, strings.NOT_INSTALLED_STATE, strings.NOT_INSTALLED_NEXT),
    ),
    LeftWorkspace: Refusal(
        "not_installed", Wording(strings.LEFT_TITLE, strings.LEFT_STATE, strings.LEFT_NEXT)
    ),
    OutOfReach: Refusal(
        "nothing_there",
        Wording(csm.OUT_OF_REACH_TITLE, csm.OUT_OF_REACH_STATE, csm.OUT_OF_REACH_NEXT),
    ),
    NotFound: Refusal(
        "nothing_there",
        Wording(csm.GONE_TITLE, csm.UNKNOWN_STATE, csm.UNKNOWN_NEXT),
        to_csm=Wording(csm.GONE_TITLE, csm.UNKNOWN_STATE, csm.UNKNOWN_NEXT_CSM),
    ),
    StorageUnavailable: Refusal(
        "unavailable",
        Wording(
            dialogs.BUSY_TITLE,
            strings.TRY_AGAIN_STATE,
            strings.TRY_AGAIN_NEXT,
            dialogs.BUSY,
            strings.TRY_AGAIN_BESIDE,
        ),
        details=_problem,
    ),
    DirectoryUnavailable: Refusal(
        "unavailable",
        Wording(
            dialogs.BUSY_TITLE,
            strings.SLACK_BUSY_STATE,
            strings.TRY_AGAIN_NEXT,
            dialogs.SLACK_BUSY,
            strings.SLACK_BUSY_BESIDE,
        ),
        details=_problem,
    ),
    MissingScope: Refusal("unavailable", UNSCOPED, details=_problem),
    SlackApiError: Refusal("slack_refused", _refused_by_slack, logging.ERROR, _slacks_name),
    ClientError: Refusal("interaction_failed", SLACK_PASSES, logging.ERROR, _trace),
    NoListener: Refusal("unhandled_request", FAILURE),
    BoltUnhandledRequestError: Refusal("unhandled_request", FAILURE),
    Exception: Refusal("interaction_failed", FAILURE, logging.ERROR, _trace),
}


def refusal_of(error: Exception) -> Refusal:
    return next(REFUSALS[each] for each in type(error).__mro__ if each in REFUSALS)


def sentence(
    error: Exception, reference: str, typed: str = "", *, to_csm: bool = False
) -> Sentence:
    """Says what happened. A modal that replaces another shows `typed`, to be copied."""
    refusal = refusal_of(error)
    say = (to_csm and refusal.to_csm) or refusal.say
    return say(error, reference, typed)
