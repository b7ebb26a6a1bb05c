"""Segment's JSON for workspaces, sources, destinations, users and filters."""

from typing import Any

from playground.segment.state import (
    Destination,
    DestinationKind,
    Filter,
    Source,
    Workspace,
)
from playground.segment.traffic import wire_time

_NO_LOGO = "https://logos.invalid/none.svg"


def workspace_json(workspace: Workspace) -> dict[str, Any]:
    return {"id": workspace.id, "slug": workspace.slug, "name": workspace.name}


def source_json(workspace: Workspace, source: Source, *, with_keys: bool) -> dict[str, Any]:
    """Shows write keys only to callers who may see them. A source may have no name."""
    shape: dict[str, Any] = {
        "id": source.id,
        "slug": source.slug,
        "workspaceId": workspace.id,
        "enabled": source.enabled,
        "writeKeys": list(source.write_keys) if with_keys else [],
        "metadata": _source_metadata(source.kind),
        "settings": {},
        "labels": [],
    }
    if source.name is not None:
        shape["name"] = source.name
    return _with(shape, source.odd.record)


def _with(shape: dict[str, Any], odd: dict[str, Any]) -> dict[str, Any]:
    """The record with its odd fields; those of a nested object join the others in there."""
    changed = {**shape}
    for name, value in odd.items():
        nested = isinstance(value, dict) and isinstance(shape.get(name), dict)
        changed[name] = {**shape[name], **value} if nested else value
    return changed


def _source_metadata(kind: str) -> dict[str, Any]:
    return {
        "id": f"kind-{kind}",
        "slug": kind,
        "name": kind.capitalize(),
        "description": f"Sends events from {kind}.",
        "logos": {"default": _NO_LOGO},
        "options": [],
        "categories": [],
        "isCloudEventSource": False,
        "status": "PUBLIC",
    }


def destination_json(source: Source, destination: Destination) -> dict[str, Any]:
    shape = {
        "id": destination.id,
        "name": destination.name,
        "enabled": destination.enabled,
        "sourceId": source.id,
        "metadata": _destination_metadata(destination.kind),
        "settings": {"apiKey": "••••••••"},
    }
    return _with(shape, destination.odd.record)


def _destination_metadata(kind: DestinationKind) -> dict[str, Any]:
    methods = {name: name in kind.call_types for name in ("identify", "track", "group")}
    return {
        "id": kind.id,
        "slug": kind.slug,
        "name": kind.name,
        "description": f"Sends events to {kind.name}.",
        "logos": {"default": _NO_LOGO},
        "options": [],
        "status": "PUBLIC",
        "previousNames": [kind.name],
        "categories": ["Analytics"],
        "website": "https://destination.invalid/",
        "components": [],
        "supportedFeatures": {"cloudModeInstances": "MULTIPLE", "deviceModeInstances": "NONE"},
        "supportedMethods": {**methods, "pageview": "page" in kind.call_types, "alias": False},
        "supportedPlatforms": {"browser": True, "server": True, "mobile": True},
        "actions": [],
        "presets": [],
    }


def filter_json(source: Source, destination: Destination, rule: Filter) -> dict[str, Any]:
    return {
        "id": rule.id,
        "sourceId": source.id,
        "destinationId": destination.id,
        "if": rule.condition,
        "actions": [{"type": "DROP"}],
        "title": rule.title,
        "enabled": rule.enabled,
        "createdAt": wire_time(rule.created_at),
        "updatedAt": wire_time(rule.created_at),
    }


def users_json(workspace: Workspace) -> list[dict[str, Any]]:
    """Two members of staff, in a list that a careful client discards."""
    return [
        {
            "id": f"{workspace.slug}-user-{number}",
            "name": name,
            "email": f"{name.lower()}@{workspace.slug}.example",
            "permissions": [],
        }
        for number, name in enumerate(("Robin", "Kim"), start=1)
    ]
