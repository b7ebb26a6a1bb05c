"""What the control panel shows of Segment, as JSON."""

from datetime import datetime
from typing import Any

from playground.segment.state import Destination, Outcome, Source, State, Token, Workspace
from playground.segment.weather import Weather


def panel(state: State, reported_until: datetime) -> dict[str, Any]:
    """Workspaces with tokens and sources. Deliveries in the future are not reported yet."""
    return {
        "destination": state.featured.name,
        "weathers": [kind.value for kind in Weather],
        "workspaces": [
            _workspace(state, workspace, reported_until) for workspace in state.workspaces
        ],
    }


def _workspace(state: State, workspace: Workspace, until: datetime) -> dict[str, Any]:
    return {
        "id": workspace.id,
        "slug": workspace.slug,
        "name": workspace.name,
        "plan": workspace.plan.value,
        "region": workspace.region.value,
        "tokens": [_token(token) for token in workspace.tokens],
        "sources": [_source(state, source, until) for source in workspace.sources],
    }


def _token(token: Token) -> dict[str, Any]:
    return {
        "label": token.label,
        "value": token.value,
        "kind": token.kind.value,
        "role": token.role.value,
        "revoked": token.revoked,
    }


def _source(state: State, source: Source, until: datetime) -> dict[str, Any]:
    connected = [found for found in source.destinations if found.kind == state.featured]
    destination = connected[0] if connected else None
    return {
        "id": source.id,
        "slug": source.slug,
        "name": source.name or "",
        "enabled": source.enabled,
        "write_keys": list(source.write_keys),
        "per_day": sum(source.daily.values()),
        "destination": _destination(destination, until),
    }


def _destination(destination: Destination | None, until: datetime) -> dict[str, Any]:
    if destination is None:
        return {"state": "missing", "id": "", "delivered": 0, "reported": 0, "failing": False}
    delivered = destination.ledger(Outcome.DELIVERED)
    return {
        "state": "enabled" if destination.enabled else "disabled",
        "id": destination.id,
        "delivered": delivered.total,
        "reported": sum(entry.count for entry in delivered.entries if entry.at < until),
        "failing": destination.failing,
    }
