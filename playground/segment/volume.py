"""`GET /events/volume`: what the workspace's sources received, grouped as asked."""

from collections.abc import Iterator
from operator import add
from typing import Any

from playground.segment.errors import invalid
from playground.segment.paging import page
from playground.segment.permissions import Permission
from playground.segment.public_api import Call
from playground.segment.state import Source
from playground.segment.traffic import Window, call_types, received, series

_DIMENSIONS = ("eventName", "eventType", "source")
_FILTERS = ("sourceId", "eventName", "eventType", "appVersion")


def events_volume(call: Call) -> dict[str, Any]:
    """Rows by source, event type and event name, if `groupBy` names them."""
    call.need(Permission.VOLUME)
    window = call.window()
    groups = _groups(call)
    rows = list(_rows(call, window, groups))
    result, pagination = page(rows, call.query)
    return {
        "path": "/events/volume",
        "query": _query(call, groups),
        "result": list(result),
        "pagination": pagination,
    }


def _groups(call: Call) -> list[str]:
    groups = _values(call, "groupBy")
    if unknown := [name for name in groups if name not in _DIMENSIONS]:
        raise invalid("groupBy", f"knows no {unknown[0][:40]}")
    return groups


def _values(call: Call, name: str) -> list[str]:
    """Repeated parameters and comma-delimited ones mean the same."""
    return [part for value in call.lists.get(name, ()) for part in value.split(",") if part]


def _query(call: Call, groups: list[str]) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "workspaceId": call.workspace.id,
        "granularity": call.query["granularity"],
        "startTime": call.query["startTime"],
        "endTime": call.query["endTime"],
        "groupBy": groups,
    }
    for name in _FILTERS:
        if values := _values(call, name):
            asked[name] = values
    return asked


def _rows(call: Call, window: Window, groups: list[str]) -> Iterator[dict[str, Any]]:
    merged: dict[tuple[str, str, str], tuple[dict[str, Any], list[int]]] = {}
    buckets = window.buckets()
    for source, kind, names, share in _parts(call):
        parts = [received(source, kind, start, end) // share for _, start, end in buckets]
        for name in names:
            key = (
                source.id if "source" in groups else "",
                kind if "eventType" in groups else "",
                name if "eventName" in groups else "",
            )
            _, counts = merged.setdefault(key, (_labels(source, key), [0] * len(buckets)))
            counts[:] = map(add, counts, parts)
    labels = [label for label, _, _ in buckets]
    for row, counts in merged.values():
        if total := sum(counts):
            yield {**row, "total": total, "series": series(list(zip(labels, counts, strict=True)))}


def _parts(call: Call) -> Iterator[tuple[Source, str, list[str], int]]:
    """(source, call type, event names, how many share it). Track calls are spread over names."""
    by_name = "eventName" in _values(call, "groupBy") or _values(call, "eventName")
    wanted_sources, wanted_types = _values(call, "sourceId"), _values(call, "eventType")
    wanted_names = _values(call, "eventName")
    for source in call.workspace.sources:
        if wanted_sources and source.id not in wanted_sources:
            continue
        for kind in call_types(source):
            if wanted_types and kind not in wanted_types:
                continue
            names = source.event_names if by_name and kind == "track" else ("",)
            wanted = [name for name in names if not wanted_names or name in wanted_names]
            yield source, kind, wanted, len(names)


def _labels(source: Source, key: tuple[str, str, str]) -> dict[str, Any]:
    source_id, kind, name = key
    row: dict[str, Any] = {}
    if source_id:
        row["source"] = {"id": source.id, "slug": source.slug, "name": source.name or ""}
    if kind:
        row["eventType"] = kind
    if name:
        row["eventName"] = name
    return row
