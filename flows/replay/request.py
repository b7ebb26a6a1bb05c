"""The Replay request: what it asks for, how much that is, and how it may disappoint."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from flows.errors import Warned, WarningCode
from flows.model import Integration, Observed, Situation
from flows.replay.facts import (
    Coverage,
    Deletions,
    DestinationFilter,
    ReplacedRequest,
    ReplayRequest,
    ReplaySource,
    ReplayWindow,
)
from flows.replay.names import unknown_names
from flows.replay.text import retention_words
from flows.replay.window import (
    RECOMMENDED_MONTHS,
    is_end_unsure,
    kept_at_upgrade,
    kept_from,
    last_end,
    live_since,
    live_since_of,
    months_before,
    past_replays,
    replayed_sources,
    sources_to_replay,
    unsure_sources,
)
from flows.setup.blockers import delivering_sources, is_live, is_watched
from flows.vocabulary import CallType, Source, Stamp

MEASURED_DAYS = 30
MAX_REMAINING = 100  # names


def calls_of(source: Source, observed: Observed) -> dict[CallType, int] | None:
    """Calls of the last 30 days by type, or None if not measured."""
    measured = observed.coverage.calls.get(source.id) if observed.coverage else None
    if measured is None:
        return None
    return {kind: measured.get(kind, 0) for kind in CallType}


def filters_of(source: Source, observed: Observed) -> tuple[DestinationFilter, ...] | None:
    """The filters on its destination, or None if they could not be read."""
    return observed.coverage.filters.get(source.id) if observed.coverage else None


def sources_left_out(situation: Situation) -> tuple[Source, ...]:
    """Chosen sources that do not deliver yet. A Replay needs a connected destination."""
    delivering = delivering_sources(situation)
    return tuple(source for source in situation.integration.sources if source not in delivering)


def silent_sources(situation: Situation) -> tuple[Source, ...]:
    """Chosen sources that have never delivered while others do, as far as Segment says."""
    if not (is_watched(situation.integration) and is_live(situation)):
        return ()
    known = situation.observed.statuses
    silent = sources_left_out(situation)
    return tuple(s for s in silent if not ((status := known.get(s.id)) and status.unheard))


def replay_sources(situation: Situation) -> tuple[ReplaySource, ...]:
    """The sources that a request asks for, each with what was measured."""
    observed = situation.observed
    return tuple(
        ReplaySource(
            source,
            calls_of(source, observed),
            filters_of(source, observed),
            live_since_of(source, observed),
        )
        for source in sources_to_replay(situation)
    )


def uncounted_sources(situation: Situation) -> list[Source]:
    """Those that a request asks for although nobody knows which calls they send."""
    sources = replay_sources(situation)
    return [entry.source for entry in sources if entry.calls is None]


def build_request(situation: Situation, window: ReplayWindow, requested: Stamp) -> ReplayRequest:
    """The complete request. Call it only if `replay_prerequisites` finds nothing missing."""
    integration = situation.integration
    if integration.credentials is None:
        raise ValueError("a Replay needs verified credentials")
    return ReplayRequest(
        number=integration.replay.number + 1 if integration.replay else 1,
        workspace=integration.credentials.workspace,
        sources=replay_sources(situation),
        window=window,
        left_out=sources_left_out(situation),
        requested=requested,
        region=integration.region,
        live_since=live_since(situation),
        kept_from=kept_from(situation, window),
        estimate=estimate(situation, window),
        remaining_names=_remaining(window, situation.observed.coverage),
        replaces=replaced(integration),
        replayed=replayed_sources(integration),
    )


def preview_name(situation: Situation, window: ReplayWindow) -> str:
    """Names what a preview asks for: other sources or another period make it another request."""
    ids = (source.id for source in sources_to_replay(situation))
    whole = "|".join((window.start.isoformat(), window.end.isoformat(), *ids))
    return sha256(whole.encode()).hexdigest()[:16]


def replaced(integration: Integration) -> ReplacedRequest | None:
    """The request that Segment has, if any: the last one, or what an unsent one replaced."""
    if integration.replay is None:
        return None
    if any(past.number == integration.replay.number for past in past_replays(integration)):
        return None  # nothing takes the place of what has run
    if integration.replay_sent is None:
        return integration.replay.replaces
    ticket = integration.replay_scheduled.ticket if integration.replay_scheduled else ""
    return ReplacedRequest(
        integration.replay.number,
        integration.replay_sent.at,
        ticket,
        has_finished=integration.replay_finished is not None,
    )


def _remaining(window: ReplayWindow, coverage: Coverage | None) -> tuple[str, ...]:
    """The event names that are not left out, if some are, busiest first."""
    if not window.excluded_names or coverage is None:
        return ()
    left = [name for name in _busiest(coverage) if name not in window.excluded_names]
    return tuple(left[:MAX_REMAINING])


def _busiest(coverage: Coverage) -> list[str]:
    return sorted(coverage.names, key=lambda name: (-coverage.names[name], name))


def known_names(observed: Observed) -> tuple[str, ...]:
    """Event names that Segment counted in the last 30 days, busiest first."""
    return tuple(_busiest(observed.coverage)) if observed.coverage else ()


# --- how much it is -----------------------------------------------------------------------------


def estimate(situation: Situation, window: ReplayWindow) -> int | None:
    """Events in the window if every day is like the last 30, or None if that is not known of every
    source.

    What Segment has already dropped does not count.
    """
    coverage = situation.observed.coverage
    sources = replay_sources(situation)
    if coverage is None or not sources:
        return None
    measured = [source.calls for source in sources if source.calls is not None]
    if len(measured) < len(sources):
        return None
    totals = {kind: sum(calls.get(kind, 0) for calls in measured) for kind in CallType}
    track = _track_calls(window, coverage, totals[CallType.TRACK])
    if track is None:
        return None
    month = sum((totals | {CallType.TRACK: track})[kind] for kind in window.counted_types)
    return round(month * _days_kept(situation, window) / MEASURED_DAYS)


def _track_calls(window: ReplayWindow, coverage: Coverage, every: int) -> int | None:
    names = {*window.event_names, *window.excluded_names}
    if any(name not in coverage.names for name in names):
        return None
    if window.event_names:
        return sum(coverage.names[name] for name in window.event_names)
    return max(0, every - sum(coverage.names[name] for name in window.excluded_names))


def _days_kept(situation: Situation, window: ReplayWindow) -> float:
    start: datetime = max(window.start, kept_from(situation, window) or window.start)
    return max(timedelta(), window.end - start) / timedelta(days=1)


# --- how it may disappoint ----------------------------------------------------------------------


def warnings(situation: Situation, window: ReplayWindow) -> list[Warned]:
    """How the request may disappoint. No warning stops anybody."""
    return [
        *_sent_warnings(situation.integration),
        *_left_warnings(situation, window),
        *_window_warnings(situation, window),
        *_name_warnings(situation.observed, window),
        *_source_warnings(situation, window),
    ]


def _sent_warnings(integration: Integration) -> Iterator[Warned]:
    """What Segment may have begun or ended already; a newer text cannot call it back."""
    known = replaced(integration)
    if known is None:
        return
    if known.has_finished:
        code = WarningCode.SEGMENT_RAN_IT
    elif integration.replay_running:
        code = WarningCode.SEGMENT_RUNS_IT
    else:
        code = WarningCode.SEGMENT_MAY_RUN_IT
    yield Warned(code, {"number": str(known.number)})


def _left_warnings(situation: Situation, window: ReplayWindow) -> Iterator[Warned]:
    """What Replays before a disconnect have brought, or may have, and this one brings again."""
    integration = situation.integration
    if integration.credentials is None or not integration.left_replays:
        return
    request = build_request(situation, window, Stamp("", situation.now))
    for left in integration.left_replays:
        if left.workspace_id != request.workspace.id or left.end <= window.start:
            continue
        ids = {source.id for source in left.sources}
        again = [
            entry.source.label
            for entry in request.sources
            if entry.source.id in ids and left.start < (request.own_end(entry) or window.end)
        ]
        if again:
            dates = {"start": f"{left.start:%Y-%m-%d}", "end": f"{left.end:%Y-%m-%d}"}
            params = {"sources": ", ".join(again), **dates}
            yield Warned(WarningCode.REPLAYED_BEFORE, params)


def _window_warnings(situation: Situation, window: ReplayWindow) -> Iterator[Warned]:
    if window.start > months_before(window.end, RECOMMENDED_MONTHS):
        days = str((window.end - window.start).days)
        yield Warned(WarningCode.WINDOW_SHORT, {"days": days})
    kept = kept_from(situation, window)
    if kept and kept > window.start:
        yield _too_old(situation.integration, window, kept)
    since = last_end(situation)
    if since and window.end > since:
        yield Warned(WarningCode.END_AFTER_LIVE, {"since": f"{since:%Y-%m-%d %H:%M}"})
    elif since and is_end_unsure(situation):
        unsure = ", ".join(source.label for source in unsure_sources(situation))
        params = {"sources": unsure, "since": f"{since:%Y-%m-%d %H:%M}"}
        yield Warned(WarningCode.END_UNSURE, params)
    if window.deletions is Deletions.PENDING:
        yield Warned(WarningCode.DELETIONS_PENDING)


def _name_warnings(observed: Observed, window: ReplayWindow) -> Iterator[Warned]:
    names = (*window.event_names, *window.excluded_names)
    if unknown := unknown_names(names, known_names(observed)):
        yield Warned(WarningCode.NAMES_UNKNOWN, {"names": ", ".join(unknown)})


def _too_old(integration: Integration, window: ReplayWindow, kept: datetime) -> Warned:
    at_upgrade = kept_at_upgrade(integration)
    day = {"date": f"{kept:%Y-%m-%d}"}
    if at_upgrade and at_upgrade.date() == kept.date():
        upgraded = integration.upgraded_on.isoformat() if integration.upgraded_on else ""
        return Warned(WarningCode.RECENTLY_UPGRADED, {**day, "upgraded": upgraded})
    kept_for = retention_words(window.retention_days or 0)
    return Warned(WarningCode.RETENTION_SHORT, {**day, "retention": kept_for})


def _source_warnings(situation: Situation, window: ReplayWindow) -> Iterator[Warned]:
    sources = replay_sources(situation)
    if uncounted := [source.label for source in uncounted_sources(situation)]:
        yield Warned(WarningCode.COVERAGE_UNKNOWN, {"sources": ", ".join(uncounted)})
    if unread := [entry.source.label for entry in sources if entry.filters is None]:
        yield Warned(WarningCode.FILTERS_UNKNOWN, {"sources": ", ".join(unread)})
    for entry in sources:
        missing = [kind for kind in entry.missing if kind in window.counted_types]
        if missing:
            kinds = ", ".join(missing)
            params = {"source": entry.source.label, "call_types": kinds}
            yield Warned(WarningCode.MISSING_CALL_TYPES, params)
        if entry.filters:
            titles = ", ".join(found.title for found in entry.filters)
            params = {"source": entry.source.label, "filters": titles}
            yield Warned(WarningCode.FILTERS_STAND, params)
    pages = any(entry.calls and entry.calls.get(CallType.PAGE) for entry in sources)
    if pages and CallType.PAGE in window.counted_types:
        yield Warned(WarningCode.PAGE_NOT_MAPPED)
    left_out = sources_left_out(situation)
    if left_out:
        names = ", ".join(source.label for source in left_out)
        yield Warned(WarningCode.SOURCES_LEFT_OUT, {"sources": names})
