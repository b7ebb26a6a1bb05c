"""What a use case answers with: never a view, always enough to draw one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flows.checks.shown import Found
from flows.errors import FieldError, Warned
from flows.model import Screen, Situation


class Notice(StrEnum):
    """A sentence above a screen that explains why the person sees it."""

    CHANGED_BY_COLLEAGUE = "changed_by_colleague"
    ALREADY_DONE = "already_done"
    DISCONNECTED = "disconnected"
    UNVERIFIED = "unverified"
    SEGMENT_UNAVAILABLE = "segment_unavailable"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - the stored token stopped working
    NOT_YET = "not_yet"


class CheckKind(StrEnum):
    """What is being asked of Segment in the background."""

    TOKEN = "token"  # noqa: S105
    SOURCES = "sources"
    LIVE_SYNC = "live_sync"
    WRITE_KEY = "write_key"


@dataclass(frozen=True, slots=True)
class ShowStep:
    """Draw this screen; `errors` stand beside their fields, `notice` above everything.

    `typed` is what was entered and is drawn into the form again; never a secret.
    """

    screen: Screen
    situation: Situation
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[Warned, ...] = ()
    notice: Notice | None = None
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShowProgress:
    """The check goes on without the person; `retrying` when Segment could not answer at once."""

    kind: CheckKind
    check_id: str
    situation: Situation
    retrying: bool = False
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """Nothing is left to do in this modal."""

    situation: Situation


Result = ShowStep | ShowProgress | Finished
