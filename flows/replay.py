"""The Replay request: its window, what would disappoint about it, and the text for Segment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from flows.blockers import delivering_sources
from flows.errors import ErrorCode, Field, FieldError, Warned, WarningCode
from flows.model import (
    CallType,
    Integration,
    Observed,
    ReplayRequest,
    ReplaySource,
    ReplayWindow,
    Situation,
    Source,
    Stamp,
)

DESTINATION_NAME = "Toplyne Cloud Mode (Actions)"
DEFAULT_MONTHS = 12
RECOMMENDED_DAYS = 182  # six months: what Toplyne's models need at least
RETENTION_YEARS = 3  # Business keeps three years unless the customer chose less
MAX_EVENT_NAMES = 50
MAX_EVENT_NAME = 200
FORM_LOSES_SECONDS = timedelta(minutes=1)  # Slack's pickers know no seconds


@dataclass(frozen=True, slots=True)
class WindowAnswers:
    """What a person typed: a day to start, a moment to end, and which events (None: all)."""

    start: datetime | None
    end: datetime | None
    only_some: bool = False
    call_types: tuple[CallType, ...] = ()
    event_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplayText:
    """The request as it goes to Segment: plain text, one block a source."""

    subject: str
    intro: str
    source_blocks: tuple[str, ...]
    closing: str

    def plain(self) -> str:
        return "\n\n".join((self.intro, *self.source_blocks, self.closing))


def months_before(moment: datetime, months: int) -> datetime:
    """The same day so many months earlier, or that month's last day; at midnight UTC."""
    index = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(index, 12)
    first_of_next = datetime(year + (month == 11), (month + 1) % 12 + 1, 1, tzinfo=UTC)
    last_day = (first_of_next - timedelta(days=1)).day
    return datetime(year, month + 1, min(moment.day, last_day), tzinfo=UTC)


def default_window(situation: Situation) -> ReplayWindow:
    """Twelve months up to the moment live sync began: later events came by themselves already."""
    integration = situation.integration
    end = integration.live_started.at if integration.live_started else situation.now
    return ReplayWindow(start=months_before(end, DEFAULT_MONTHS), end=end)


def proposed_window(situation: Situation) -> ReplayWindow:
    """What the form shows first: the last draft, else the default."""
    return situation.integration.replay_draft or default_window(situation)


def check_window(
    answers: WindowAnswers, now: datetime
) -> tuple[ReplayWindow | None, list[FieldError]]:
    """The window that was meant, or what is wrong with it, field by field."""
    errors = [*_check_dates(answers, now), *_check_filter(answers)]
    if errors or answers.start is None or answers.end is None:
        return None, errors
    some = answers.only_some
    return (
        ReplayWindow(
            start=answers.start,
            end=answers.end,
            call_types=answers.call_types if some else (),
            event_names=answers.event_names if some else (),
        ),
        [],
    )


def _check_dates(answers: WindowAnswers, now: datetime) -> list[FieldError]:
    start, end = answers.start, answers.end
    errors: list[FieldError] = []
    if start is None:
        errors.append(FieldError(Field.START, ErrorCode.REQUIRED))
    elif start > now:
        errors.append(FieldError(Field.START, ErrorCode.DATE_IN_FUTURE))
    elif start < months_before(now, RETENTION_YEARS * 12):
        params = {"years": str(RETENTION_YEARS)}
        errors.append(FieldError(Field.START, ErrorCode.START_TOO_EARLY, params))
    if end is None:
        errors.append(FieldError(Field.END, ErrorCode.REQUIRED))
    elif end > now + FORM_LOSES_SECONDS:
        errors.append(FieldError(Field.END, ErrorCode.END_IN_FUTURE))
    elif start is not None and end <= start:
        errors.append(FieldError(Field.END, ErrorCode.END_BEFORE_START))
    return errors


def _check_filter(answers: WindowAnswers) -> list[FieldError]:
    if not answers.only_some:
        return []
    if not answers.call_types and not answers.event_names:
        return [FieldError(Field.CALL_TYPES, ErrorCode.NO_EVENT_FILTER)]
    too_long = any(len(name) > MAX_EVENT_NAME for name in answers.event_names)
    if too_long or len(answers.event_names) > MAX_EVENT_NAMES:
        params = {"limit": str(MAX_EVENT_NAMES)}
        return [FieldError(Field.EVENT_NAMES, ErrorCode.TOO_LONG, params)]
    return []


def warnings(situation: Situation, window: ReplayWindow) -> list[Warned]:
    """Where the request would disappoint; none of it stops anybody."""
    integration, observed = situation.integration, situation.observed
    found: list[Warned] = []
    if (window.end - window.start).days < RECOMMENDED_DAYS:
        days = str((window.end - window.start).days)
        found.append(Warned(WarningCode.WINDOW_SHORT, {"days": days}))
    if observed.coverage is None:
        found.append(Warned(WarningCode.COVERAGE_UNKNOWN))
    found.extend(_coverage_warnings(integration, observed))
    left_out = sources_left_out(integration, observed)
    if left_out:
        names = ", ".join(source.label for source in left_out)
        found.append(Warned(WarningCode.SOURCES_LEFT_OUT, {"sources": names}))
    if integration.upgraded_on:
        day = integration.upgraded_on.isoformat()
        found.append(Warned(WarningCode.RECENTLY_UPGRADED, {"date": day}))
    return found


def _coverage_warnings(integration: Integration, observed: Observed) -> list[Warned]:
    found: list[Warned] = []
    pages = False
    for source in delivering_sources(integration, observed):
        calls = calls_of(source, observed)
        if calls is None:
            continue
        pages = pages or calls.get(CallType.PAGE, 0) > 0
        missing = [kind.value for kind in CallType if not calls.get(kind)]
        if missing:
            params = {"source": source.label, "call_types": ", ".join(missing)}
            found.append(Warned(WarningCode.MISSING_CALL_TYPES, params))
    if pages:
        found.append(Warned(WarningCode.PAGE_NOT_MAPPED))
    return found


def calls_of(source: Source, observed: Observed) -> dict[CallType, int] | None:
    """Calls of the last 30 days by type; None when they were not measured."""
    if observed.coverage is None:
        return None
    measured = observed.coverage.calls.get(source.id, {})
    return {kind: measured.get(kind, 0) for kind in CallType}


def sources_left_out(integration: Integration, observed: Observed) -> tuple[Source, ...]:
    """Chosen sources that do not deliver yet: a Replay needs a connected destination."""
    delivering = delivering_sources(integration, observed)
    return tuple(source for source in integration.sources if source not in delivering)


def build_request(situation: Situation, window: ReplayWindow, requested: Stamp) -> ReplayRequest:
    """The complete request. Call only when `replay_prerequisites` says that nothing is missing."""
    integration, observed = situation.integration, situation.observed
    if integration.credentials is None:
        raise ValueError("a Replay needs verified credentials")
    sources = delivering_sources(integration, observed)
    return ReplayRequest(
        number=integration.replay.number + 1 if integration.replay else 1,
        workspace=integration.credentials.workspace,
        sources=tuple(ReplaySource(source, calls_of(source, observed)) for source in sources),
        window=window,
        left_out=sources_left_out(integration, observed),
        requested=requested,
    )


def _utc(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"


def _source_block(entry: ReplaySource) -> str:
    lines = [f"Source: {entry.source.label}", f"Source ID: {entry.source.id}"]
    if entry.calls is not None:
        counts = (f"{kind.value.capitalize()} {n:,}" for kind, n in entry.calls.items())
        lines.append("Calls in the last 30 days: " + ", ".join(counts))
    return "\n".join(lines)


def _events_line(window: ReplayWindow) -> str:
    if window.everything:
        return "Events: all"
    parts = []
    if window.call_types:
        kinds = ", ".join(kind.value.capitalize() for kind in window.call_types)
        parts.append(f"call types {kinds}")
    if window.event_names:
        parts.append("event names " + ", ".join(window.event_names))
    return "Events: only " + "; ".join(parts)


def request_text(request: ReplayRequest) -> ReplayText:
    """What Segment's team asks for, in their order (segment-facts, Replay)."""
    workspace, window = request.workspace, request.window
    intro = "\n".join(
        (
            "Hello, please run a Replay for us.",
            "",
            f"Workspace: {workspace.label}",
            f"Workspace slug: {workspace.slug}",
            f"Workspace ID: {workspace.id}",
            f"Destination: Toplyne ({DESTINATION_NAME})",
            f"Start (UTC): {_utc(window.start)}",
            f"End (UTC): {_utc(window.end)}",
            _events_line(window),
        )
    )
    blocks: Sequence[str] = [_source_block(entry) for entry in request.sources]
    closing = "Please tell us when it is scheduled and when it has finished. Thank you."
    subject = f"Replay request for workspace {workspace.slug} to Toplyne"
    return ReplayText(subject, intro, tuple(blocks), closing)
