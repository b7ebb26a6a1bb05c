"""What can go wrong: codes whose text is in `bot.strings`, and a small tree of exceptions."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """The inputs that can show an error."""

    TOKEN = "token"  # noqa: S105 - the name of an input
    SLUG = "slug"
    WRITE_KEY = "write_key"
    SOURCES = "sources"
    SOURCE_IDS = "source_ids"
    UPGRADED_ON = "upgraded_on"
    START = "start"
    END = "end"
    EVENTS = "events"
    RETENTION = "retention"
    DELETIONS = "deletions"
    CALL_TYPES = "call_types"
    PICKED_NAMES = "picked_names"
    EVENT_NAMES = "event_names"
    SCHEDULED_ON = "scheduled_on"
    NO_DAY = "no_day"
    TICKET = "ticket"
    COLLEAGUE = "colleague"
    NOTE = "note"
    REASON = "reason"
    UNTIL = "until"
    ACCOUNT = "account"
    TEXT = "text"
    MARK = "mark"
    WHAT = "what"
    PEOPLE = "people"
    ASKED = "asked"


class ErrorCode(StrEnum):
    """Every mistake a person can be told about. `bot.strings.errors` has one text for each."""

    REQUIRED = "required"
    TOO_LONG = "too_long"
    NOT_ALONE = "not_alone"  # params: sign, one character that the value never has
    LOOKS_SECRET = "looks_secret"  # noqa: S105 - token-shaped text in a field that is passed on
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    TOKEN_LACKS_CALL = "token_lacks_call"  # noqa: S105 - params: call, role
    TOKEN_IS_CONFIG_API = "token_is_config_api"  # noqa: S105
    TOKEN_IS_WRITE_KEY = "token_is_write_key"  # noqa: S105
    TOKEN_IS_OF_SLACK = "token_is_of_slack"  # noqa: S105
    TOKEN_SWITCHES = "token_switches"  # noqa: S105 - to another workspace, if so meant; params as below
    TOKEN_OTHER_WORKSPACE = "token_other_workspace"  # noqa: S105 - params: found, expected, held
    TOKEN_NOT_HELD = "token_not_held"  # noqa: S105 - one of another workspace, kept for a while
    TOKEN_OTHER_REGION = "token_other_region"  # noqa: S105 - on a plan that has no choice of region
    WRITE_KEY_IS_TOKEN = "write_key_is_token"  # noqa: S105
    WRITE_KEY_IS_SOURCE_ID = "write_key_is_source_id"  # params: source
    WRITE_KEY_OF_READ_SOURCE = "write_key_of_read_source"  # params: source
    WRITE_KEY_OTHER_WORKSPACE = "write_key_other_workspace"  # params: workspace
    WRITE_KEY_UNKNOWN = "write_key_unknown"
    SLUG_IS_URL = "slug_is_url"  # an address, and no slug in it
    SLUG_MALFORMED = "slug_malformed"
    SLUG_UNKNOWN = "slug_unknown"
    SLUG_OTHER_WORKSPACE = "slug_other_workspace"  # params: found, expected
    SOURCE_IS_WRITE_KEY = "source_is_write_key"  # params: source, id
    SOURCE_IS_FOREIGN_WRITE_KEY = "source_is_foreign_write_key"
    SOURCE_MAY_BE_WRITE_KEY = "source_may_be_write_key"
    SOURCE_IS_SLUG = "source_is_slug"  # params: source, id
    SOURCE_IS_DESTINATION = "source_is_destination"  # params: destination
    SOURCE_IS_TOKEN = "source_is_token"  # noqa: S105
    SOURCE_UNKNOWN = "source_unknown"  # params: id, workspace
    SOURCE_DISABLED = "source_disabled"  # params: source
    SOURCE_WRITTEN_TO = "source_written_to"  # params: source
    TOO_MANY_SOURCES = "too_many_sources"  # params: limit
    DATE_IN_FUTURE = "date_in_future"
    REMINDERS_STOPPED = "reminders_stopped"  # by the customer, so that a CSM need not snooze them
    SNOOZED_LONGER = "snoozed_longer"  # than a CSM asks for
    DATE_NOT_AHEAD = "date_not_ahead"
    DATE_TOO_EARLY = "date_too_early"
    NO_REQUEST = "no_request"  # a question about a Replay that is no longer requested
    START_TOO_EARLY = "start_too_early"  # params: years
    END_TOO_EARLY = "end_too_early"  # params: years
    END_BEFORE_START = "end_before_start"
    END_IN_FUTURE = "end_in_future"
    NO_EVENT_FILTER = "no_event_filter"  # "only some" without any call type or name
    NAMES_NEED_TRACK = "names_need_track"  # event names without Track among the call types
    COLLEAGUE_IS_SELF = "colleague_is_self"
    COLLEAGUE_IS_APP = "colleague_is_app"
    COLLEAGUE_GONE = "colleague_gone"
    COLLEAGUE_IS_GUEST = "colleague_is_guest"
    COLLEAGUE_ELSEWHERE = "colleague_elsewhere"  # a stranger in a shared channel
    TOO_MANY_PEOPLE = "too_many_people"  # params: limit
    TOO_MANY_QUESTIONS = "too_many_questions"  # params: limit; of this person
    QUESTIONS_FULL = "questions_full"  # params: limit; of everybody
    TOO_MANY_ASKED = "too_many_asked"  # params: limit; who have not done it yet
    ASKED_OFTEN = "asked_often"  # params: limit; this colleague, for this step, in a day
    COLLEAGUE_NO_CSM = "colleague_no_csm"
    TOKEN_GONE = "token_gone"  # noqa: S105 - forgotten or deleted: must be entered again
    SECRET_LOST = "secret_lost"  # noqa: S105 - no key opened it for as long as it was kept
    TOO_MANY_TRIES = "too_many_tries"  # params: wait
    CHECK_RUNNING = "check_running"  # params: wait
    SEGMENT_UNAVAILABLE = "segment_unavailable"


def error_code(name: str) -> ErrorCode | None:
    """The code with this name, or None if the name is empty or unknown to this version."""
    return next((code for code in ErrorCode if code == name), None)


class WarningCode(StrEnum):
    """What a person should know, although they can go on."""

    MAYBE_NOT_OWNER = "maybe_not_owner"
    OTHER_REGION = "other_region"
    KEY_MEANS_SOURCE = "key_means_source"  # params: source
    SLUG_MEANS_SOURCE = "slug_means_source"  # params: source
    SOURCE_NOT_HTTP_API = "source_not_http_api"  # params: source
    MISSING_CALL_TYPES = "missing_call_types"  # params: source, call_types
    COVERAGE_UNKNOWN = "coverage_unknown"  # params: sources
    FILTERS_UNKNOWN = "filters_unknown"  # params: sources
    PAGE_NOT_MAPPED = "page_not_mapped"
    RETENTION_SHORT = "retention_short"  # params: retention, date
    NAMES_UNKNOWN = "names_unknown"  # params: names
    DELETIONS_PENDING = "deletions_pending"
    FILTERS_STAND = "filters_stand"  # params: source, filters
    END_AFTER_LIVE = "end_after_live"  # params: since
    END_UNSURE = "end_unsure"  # params: sources, since
    STILL_OPEN = "still_open"  # params: what
    SEGMENT_MAY_RUN_IT = "segment_may_run_it"  # params: number
    SEGMENT_RUNS_IT = "segment_runs_it"  # params: number
    SEGMENT_RAN_IT = "segment_ran_it"  # params: number
    REPLAYED_BEFORE = "replayed_before"  # params: sources, start, end
    WINDOW_SHORT = "window_short"  # params: days
    SOURCES_LEFT_OUT = "sources_left_out"  # params: sources
    RECENTLY_UPGRADED = "recently_upgraded"  # params: upgraded, date


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake, the input that shows it, and what its text names."""

    field: Field
    code: ErrorCode
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning, and what its text names."""

    code: WarningCode
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


class FlowError(Exception):
    """Base of all errors that this package raises on purpose."""


class NotFound(FlowError):
    """This tenant has no such thing."""


class RowUnreadable(FlowError):
    """A stored row that this version cannot read: it is damaged, or a newer version wrote it."""


class SecretLost(RowUnreadable):
    """A sealed secret that no key of this process opens. Another process may have its key, so
    nothing is concluded from it: what needs it waits.
    """


class NotInstalled(NotFound):
    """The app is not installed in this tenant, or no longer: nothing is read or written there."""


class LeftWorkspace(NotInstalled):
    """What was pressed is about another Slack workspace of the organisation, which has left."""


class NotTaken(FlowError):
    """What was sent cannot be taken, as things stand by now. It stays in its form."""

    def __init__(self, error: FieldError) -> None:
        super().__init__(error.code)
        self.error = error


class Repeated(FlowError):
    """This signed request has already had its effect."""


class TooMany(FlowError):
    """Somebody, or their workspace, presses more than anybody needs. `wait`: for so many seconds.

    `is_known`: they were told a moment ago.
    """

    def __init__(self, wait: float, *, is_known: bool = False) -> None:
        super().__init__()
        self.wait = wait
        self.is_known = is_known


class OwnWorkspace(FlowError):
    """This is Toplyne's own Slack workspace, which has nothing to set up."""


class RevisionConflict(FlowError):
    """Somebody else saved the integration between our read and our write. Read it again."""


class Trouble(StrEnum):
    """Why the database cannot be used."""

    AWAY = "unreachable"  # or it says nothing that we know
    BUSY = "busy"  # no connection was free in time
    MISSING = "missing"  # there is no such file
    LOCKED = "locked"  # others are at work, and do not end
    REFUSED = "refused"  # our user may not do it
    FULL = "full"
    READ_ONLY = "read-only"
    INCOMPLETE = "incomplete"  # its tables are not those of its version
    DAMAGED = "damaged"  # the file is no database, or it is not whole
    ENCODING = "encoding"  # it cannot keep every letter


class StorageUnavailable(FlowError):
    """The database cannot be used. Nothing was saved."""

    def __init__(self, detail: str = "", trouble: Trouble = Trouble.AWAY) -> None:
        super().__init__(detail)
        self.trouble = trouble


class DirectoryUnavailable(FlowError):
    """Slack cannot tell us about its people right now."""


class MissingScope(DirectoryUnavailable):
    """Nor will it: the app lacks the permission there, until an admin installs it again."""


class SegmentError(FlowError):
    """Base of all errors of a call to Segment. `call` names the call and never holds a secret."""

    def __init__(self, call: str, detail: str = "") -> None:
        super().__init__(f"{call}: {detail}" if detail else call)
        self.call = call


class SegmentRefused(SegmentError):
    """401 or 403: the token is bad or lacks a permission. Segment does not say which."""

    def __init__(self, call: str, status: int) -> None:
        super().__init__(call, str(status))
        self.status = status


class SegmentNotFound(SegmentError):
    """404: this token sees no such thing."""


class SegmentInvalid(SegmentError):
    """400 or 422: Segment rejects our request as invalid."""


class SegmentUnavailable(SegmentError):
    """Segment is down, slow, rate-limiting or answers nonsense; never the customer's fault."""

    def __init__(self, call: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(call, detail)
        self.retry_after = retry_after


class SegmentLimited(SegmentUnavailable):
    """Too many calls: nothing was said of what was asked. The next call with this token would fare
    no better."""


class NoRoom(SegmentLimited):
    """Segment's limits for our address, or our own share of them, leave no room for anybody."""
