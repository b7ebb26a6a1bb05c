"""What the control panel shows of Segment, as JSON."""

from typing import Any

from playground.segment.state import Destination, Outcome, Source, State, Token, Workspace


def panel(state: State) -> dict[str, Any]:
    """Workspaces with tokens and sources."""
    return {
        "destination": state.featured.name,
        "workspaces": [_workspace(state, workspace) for workspace in state.workspaces],
    }


def _workspace(state: State, workspace: Workspace) -> dict[str, Any]:
    return {
        "id": workspace.id,
        "slug": workspace.slug,
        "name": workspace.name,
        "plan": workspace.plan.value,
        "region": workspace.region.value,
        "tokens": [_token(token) for token in workspace.tokens],
        "sources": [_source(state, source) for source in workspace.sources],
    }


def _token(token: Token) -> dict[str, Any]:
    return {
        "label": token.label,
        "value": token.value,
        "kind": token.kind.value,
        "role": token.role.value,
        "revoked": token.revoked,
    }


def _source(state: State, source: Source) -> dict[str, Any]:
    connected = (found for found in source.destinations if found.kind == state.featured)
    return {
        "id": source.id,
        "slug": source.slug,
        "name": source.name or "",
        "enabled": source.enabled,
        "write_keys": list(source.write_keys),
        "per_day": sum(source.daily.values()),
        "destination": _destination(next(connected, None)),
    }


def _destination(destination: Destination | None) -> dict[str, Any]:
    if destination is None:
        return {"state": "missing", "delivered": 0}
    return {
        "state": "enabled" if destination.enabled else "disabled",
        "delivered": destination.ledger(Outcome.DELIVERED).total,
    }
