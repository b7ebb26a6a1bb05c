"""What a use case answers: never a view, always enough to draw one."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr

from flows.checks.question import NOTHING_TYPED, CheckKind, Found, Typed
from flows.errors import FieldError, FlowError, Warned
from flows.model import Integration, Screen, Situation
from flows.vocabulary import Stamp


class Notice(StrEnum):
    """A sentence above a screen that explains why the person sees it."""

    CHANGED_MEANWHILE = "changed_by_colleague"  # by somebody else, or by the app
    ALREADY_DONE = "already_done"
    OTHER_PLAN = "other_plan"  # for a check of Free whose plan was changed meanwhile
    DISCONNECTED = "disconnected"  # for a check that became pointless
    UNVERIFIED = "unverified"
    SEGMENT_UNAVAILABLE = "segment_unavailable"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - the stored token stopped working
    NOT_YET = "not_yet"
    REJECTED = "rejected"  # the Replay request, of which nothing can be reported then
    TOO_LATE_TO_UNDO = "too_late_to_undo"
    ALREADY_RUNNING = "already_running"  # the Replay, so that no day for it is asked
    NOTHING_TO_REQUEST = "nothing_to_request"
    REQUEST_GREW = "request_grew"  # since it was shown


@dataclass(frozen=True, slots=True)
class ShowStep:
    """Draw this screen, with `errors` at their fields and `notice` at the top.

    `typed` is what was entered and is put back into the form. It never holds a secret. `changed` is
    who changed what the person had open, if that is the notice and it is known.
    """

    screen: Screen
    situation: Situation
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[Warned, ...] = ()
    notice: Notice | None = None
    typed: Typed = NOTHING_TYPED
    measuring: str = ""  # the id of a form that is filled in when Segment has answered
    window: str = ""  # the name of a window of live sync that is filled in by later looks
    changed: Stamp | None = None


@dataclass(frozen=True, slots=True)
class AskDay:
    """Ask for the day of the upgrade. Nothing was changed."""

    situation: Situation


@dataclass(frozen=True, slots=True)
class ShowProgress:
    """The check goes on without the person. `retrying`: Segment could not answer at once."""

    kind: CheckKind
    check_id: str
    situation: Situation
    retrying: bool = False
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class ShowLink:
    """The secret of this screen can be entered on a page of our own, whose address ends so."""

    screen: Screen
    situation: Situation
    link_id: str
    path: SecretStr


@dataclass(frozen=True, slots=True)
class Finished:
    """The customer has disconnected. `left` is what the set-up was before."""

    left: Integration


@dataclass(frozen=True, slots=True)
class Ended:
    """There is no set-up to work on: nobody began one, or it has been disconnected."""

    situation: Situation | None


@dataclass(frozen=True, slots=True)
class NotYours:
    """Others can do this screen by now, and this person cannot any more."""

    situation: Situation
    screen: Screen


class Said(StrEnum):
    """What a small modal did. It is already stored."""

    COLLEAGUE_ASKED = "colleague_asked"  # detail: their Slack user id
    HELP_ASKED = "help_asked"
    ONLY_ASKED = "only_asked"  # for help, by somebody who may not go on
    QUESTION_PASSED_ON = "question_passed_on"
    MANAGERS_ASKED = "managers_asked"  # detail: their Slack user ids
    PEOPLE_SET = "people_set"
    REPLIED = "replied"
    SNOOZED = "snoozed"  # detail: the day, ISO 8601


@dataclass(frozen=True, slots=True)
class Done:
    """A small modal is done, and says so."""

    said: Said
    situation: Situation
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What was typed into a small modal is not accepted. It stays there to be corrected."""

    errors: tuple[FieldError, ...]


Result = ShowStep | AskDay | ShowProgress | ShowLink | Finished | Ended | NotYours | Done | Mistakes


class NoSetUp(FlowError):
    """A press needs a set-up, but none has begun, or it has been disconnected."""

    def __init__(self, situation: Situation | None) -> None:
        super().__init__(situation.integration.id if situation else "")
        self.situation = situation
