"""The data of a check: the question and who asks, the findings on the way, and the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import SecretStr

from flows.checks.segment import SegmentSource
from flows.errors import ErrorCode, Field, FieldError
from flows.model import CatalogueEntry, Screen, SourceStatus, TokenKind, Verification
from flows.vocabulary import Actor, Region, Source, Workspace

HELD = "held"  # begins the id of a token that nobody has confirmed yet
HTTP_API = "http-api"  # Segment's name for the type of source that Toplyne writes to


class CheckKind(StrEnum):
    """What a check asks Segment about, the `screen` that waits, and the `field` of its error."""

    screen: Screen
    field: Field

    def __new__(
        cls, value: str, screen: Screen = Screen.LIVE_SYNC, field: Field = Field.SOURCES
    ) -> "CheckKind":
        kind = str.__new__(cls, value)
        kind._value_, kind.screen, kind.field = value, screen, field
        return kind

    TOKEN = "token", Screen.CREDENTIALS, Field.TOKEN
    SOURCES = "sources", Screen.SOURCES, Field.SOURCES
    LIVE_SYNC = "live_sync", Screen.LIVE_SYNC, Field.SOURCES
    WRITE_KEY = "write_key", Screen.WRITE_BACK, Field.WRITE_KEY


@dataclass(frozen=True, slots=True)
class SourceAnswers:
    """The IDs that a person chose from the list, and the text that they pasted."""

    chosen: tuple[str, ...]
    pasted: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form held besides its secret.

    Only the plan Free asks for `slug`, with or without a token. `for_toplyne`: the screen said
    that Toplyne gets the secret too. `instead` is the slug of the workspace that the token's own
    replaces, with all that hangs on it, once somebody `confirmed` that.
    """

    slug: str = ""
    sources: SourceAnswers | None = None
    for_toplyne: bool = False
    instead: str = ""
    confirmed: bool = False


NOTHING_TYPED = Typed()


@dataclass(frozen=True, slots=True)
class Question:
    """One check: what is asked, for whom, from which revision, and what was typed.

    `page` is the link of the page that the secret was entered on, if it was not in Slack. The
    window that waits there has the same id.
    """

    kind: CheckKind
    actor: Actor
    integration_id: str
    revision: int
    typed: Typed = NOTHING_TYPED
    secret: SecretStr | None = None
    page: str = ""

    @property
    def entered(self) -> SecretStr:
        """The secret to check. Raises `ValueError` if there is none."""
        if self.secret is None:
            raise ValueError(f"a check of {self.kind.value} needs its secret")
        return self.secret


@dataclass(frozen=True, slots=True)
class PendingCheck:
    """A check that outlived its acknowledgement. Its secret is sealed in the same row.

    At `expires_at` it is given up and deleted. One that `is_held` is not under way: it keeps a
    token of another workspace until somebody confirms that it is meant.
    """

    id: str
    integration_id: str
    kind: CheckKind
    user_id: str
    revision: int
    typed: Typed
    expires_at: datetime
    attempts: int = 0

    @property
    def is_held(self) -> bool:
        return self.id.startswith(f"{HELD}_")


# --- on the way -----------------------------------------------------------------------------------


class CheckStage(StrEnum):
    """What a check asks, in this order. `bot.strings.dialogs` has two texts for each stage."""

    TOKEN = "token"  # noqa: S105 - whether Segment accepts it
    WORKSPACE = "workspace"  # which one the token opens
    LISTING = "listing"  # which sources there are
    CHOICE = "choice"  # which sources the choice names
    WRITE_KEY = "write_key"  # which source it belongs to
    DELIVERY = "delivery"  # how far they deliver


@dataclass(frozen=True, slots=True)
class Found:
    """A stage that has its answer. `detail` names what was found, or is empty."""

    stage: CheckStage
    detail: str = ""


Report = Callable[[Found], None]


def unreported(found: Found) -> None:
    """Ignores findings, for checks that nobody watches."""


# --- answers --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refused:
    """What is wrong, beside the fields concerned."""

    errors: tuple[FieldError, ...]


def refused(field: Field, code: ErrorCode, **params: str) -> Refused:
    """A refusal with one mistake."""
    return Refused((FieldError(field, code, params),))


@dataclass(frozen=True, slots=True)
class TokenAccepted:
    """A token that was checked, or that nobody can check (see `verification`)."""

    kind: TokenKind
    verification: Verification
    workspace: Workspace
    region: Region
    maybe_not_owner: bool = False
    entries: tuple[CatalogueEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class SourcesExamined:
    """Sources that exist, their states (empty if Segment could not say), and what was looked up."""

    sources: tuple[Source, ...]
    statuses: tuple[SourceStatus, ...]
    found: tuple[SegmentSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """The states of the chosen sources, and all that the workspace lists."""

    statuses: tuple[SourceStatus, ...]
    listed: tuple[SegmentSource, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteKeyAccepted:
    """`source` is None if Segment could not say which. `kind` is its type; empty means unknown."""

    source: Source | None
    kind: str = ""

    @property
    def other_kind(self) -> bool:
        return bool(self.kind) and self.kind != HTTP_API


Answer = TokenAccepted | Refused | SourcesExamined | Observation | WriteKeyAccepted
