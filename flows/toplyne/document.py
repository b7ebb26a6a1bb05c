"""A Replay request as JSON for Toplyne's backend: version 1 of docs/handoff.schema.json."""

from datetime import UTC, datetime
from typing import Any

from flows.checks.sources import TOPLYNE_ID, TOPLYNE_SLUG
from flows.model import Integration
from flows.replay.facts import DestinationFilter, ReplayRequest, ReplaySource
from flows.replay.text import DESTINATION_NAME, request_text
from flows.vocabulary import CallType, Source

DOCUMENT_VERSION = 1

Json = dict[str, Any]


def handoff_document(integration: Integration, request: ReplayRequest) -> Json:
    """All that the request says, and whose it is. Moments are UTC, ISO 8601."""
    workspace = request.workspace
    return {
        "version": DOCUMENT_VERSION,
        "integration_id": integration.id,
        "slack_team_id": integration.team_id,
        "toplyne_account": integration.csm.account or None,
        "request": _request(request),
        "workspace": {
            "id": workspace.id,
            "slug": workspace.slug,
            "name": workspace.label,
            "region": request.region.value,
        },
        "destination": {"id": TOPLYNE_ID, "slug": TOPLYNE_SLUG, "name": DESTINATION_NAME},
        "sources": [_replay_source(request, entry) for entry in request.sources],
        "sources_left_out": [_source(source) for source in request.left_out],
        "sources_replayed_before": [_source(source) for source in request.replayed],
        "window": _window(request),
        "events": _events(request),
        "retention": {
            "days": request.window.retention_days,
            "kept_from": _moment(request.kept_from),
        },
        "user_deletions": request.window.deletions.value,
        "estimated_events": request.estimate,
        "text": request_text(request).plain(),
    }


def _request(request: ReplayRequest) -> Json:
    replaces = request.replaces
    return {
        "number": request.number,
        "requested_by": request.requested.by,
        "requested_at": _moment(request.requested.at),
        "replaces": {
            "number": replaces.number,
            "sent_at": _moment(replaces.sent_at),
            "ticket": replaces.ticket or None,
        }
        if replaces
        else None,
    }


def _source(source: Source) -> Json:
    return {"id": source.id, "slug": source.slug, "name": source.label}


def _replay_source(request: ReplayRequest, entry: ReplaySource) -> Json:
    calls, filters = entry.calls, entry.filters
    return {
        **_source(entry.source),
        "calls_in_30_days": None
        if calls is None
        else {kind.value: calls.get(kind, 0) for kind in CallType},
        "missing_call_types": [kind.value for kind in entry.missing],
        "filters": None if filters is None else [_filter(found) for found in filters],
        "live_since": _moment(entry.live_since),
        "end": _moment(request.own_end(entry) or request.window.end),
    }


def _filter(found: DestinationFilter) -> Json:
    return {"title": found.title, "condition": found.condition, "actions": [*found.actions]}


def _window(request: ReplayRequest) -> Json:
    return {
        "start": _moment(request.window.start),
        "end": _moment(request.window.end),
        "live_since": _moment(request.live_since),
        "ends_at_live_sync": request.ends_at_live_sync,
    }


def _events(request: ReplayRequest) -> Json:
    window = request.window
    return {
        "all": window.everything,
        "call_types": [kind.value for kind in window.counted_types],
        "included_names": [*window.event_names],
        "excluded_names": [*window.excluded_names],
        "remaining_names": [*request.remaining_names],
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
