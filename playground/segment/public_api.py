"""The Public API's calls. Each takes a `Call` and returns the content of `data`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from playground.segment.errors import forbidden, invalid, not_found, odd
from playground.segment.paging import page
from playground.segment.permissions import Permission, allows
from playground.segment.shapes import (
    destination_json,
    filter_json,
    source_json,
    users_json,
    workspace_json,
)
from playground.segment.state import Destination, Oddities, Outcome, Source, Token, Workspace
from playground.segment.traffic import (
    Window,
    call_types,
    counted,
    parse_window,
    received,
    series,
)


@dataclass(frozen=True)
class Call:
    """One authenticated request. `lists` holds all values of a repeated query parameter."""

    workspace: Workspace
    token: Token
    path: Mapping[str, str]
    query: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]
    now: datetime
    lag: timedelta

    def need(self, permission: Permission) -> None:
        if not allows(self.token.role, permission):
            raise forbidden()

    def source(self, source_id: str | None, what: str = "") -> Source:
        """`what` is the call that is made about it, as its oddities name it."""
        found = (source for source in self.workspace.sources if source.id == source_id)
        source = next(found, None)
        if source is None:
            raise not_found()
        _refuse_if_odd(source.odd, what)
        return source

    def window(self) -> Window:
        return parse_window(self.query, self.now, self.lag)


def _refuse_if_odd(oddities: Oddities, what: str) -> None:
    if status := oddities.statuses.get(what):
        raise odd(status)


Handler = Callable[[Call], dict[str, Any]]


def get_workspace(call: Call) -> dict[str, Any]:
    call.need(Permission.WORKSPACE)
    return {"workspace": workspace_json(call.workspace)}


def list_sources(call: Call) -> dict[str, Any]:
    call.need(Permission.SOURCES)
    listed = [source for source in call.workspace.sources for _ in range(source.odd.times_listed)]
    sources, pagination = page(listed, call.query)
    return {"sources": [_source(call, found) for found in sources], "pagination": pagination}


def get_source(call: Call) -> dict[str, Any]:
    call.need(Permission.SOURCES)
    source = call.source(call.path["source_id"], "source")
    return {"source": _source(call, source), "trackingPlanId": None}


def _source(call: Call, source: Source) -> dict[str, Any]:
    with_keys = allows(call.token.role, Permission.WRITE_KEYS)
    return source_json(call.workspace, source, with_keys=with_keys)


def list_connected_destinations(call: Call) -> dict[str, Any]:
    call.need(Permission.DESTINATIONS)
    source = call.source(call.path["source_id"], "destinations")
    listed = [each for each in source.destinations for _ in range(each.odd.times_listed)]
    found, pagination = page(listed, call.query)
    shapes = [destination_json(source, destination) for destination in found]
    return {"destinations": shapes, "pagination": pagination}


def list_users(call: Call) -> dict[str, Any]:
    call.need(Permission.USERS)
    users, pagination = page(users_json(call.workspace), call.query)
    return {"users": users, "pagination": pagination}


def list_filters(call: Call) -> dict[str, Any]:
    call.need(Permission.DESTINATIONS)
    wanted = call.path["destination_id"]
    for source in call.workspace.sources:
        for destination in source.destinations:
            if destination.id == wanted:
                rules, pagination = page(destination.filters, call.query)
                shapes = [filter_json(source, destination, rule) for rule in rules]
                return {"filters": shapes, "pagination": pagination}
    raise not_found()


def egress(outcome: Outcome) -> Handler:
    """The delivery overview of one destination: delivered, failed or filtered there."""

    def handle(call: Call) -> dict[str, Any]:
        call.need(Permission.DELIVERY)
        source = call.source(_required(call, "sourceId"), "delivery")
        destination = _destination(source, _required(call, "destinationConfigId"))
        _refuse_if_odd(destination.odd, "delivery")
        ledger = destination.ledger(outcome)
        figures = _overview(call, lambda start, end: counted(ledger, start, end))
        return {**figures, **source.odd.overview}

    return handle


def successfully_received(call: Call) -> dict[str, Any]:
    call.need(Permission.DELIVERY)
    source = call.source(_required(call, "sourceId"))
    types = call_types(source)
    return _overview(
        call, lambda start, end: sum(received(source, kind, start, end) for kind in types)
    )


def filtered_at_source(call: Call) -> dict[str, Any]:
    call.need(Permission.DELIVERY)
    call.source(_required(call, "sourceId"))
    return _overview(call, lambda start, end: 0)


def _required(call: Call, name: str) -> str:
    value = call.query.get(name)
    if not value:
        raise invalid(name, "is required")
    return value


def _destination(source: Source, destination_id: str) -> Destination:
    for destination in source.destinations:
        if destination.id == destination_id:
            return destination
    raise not_found()


def _overview(call: Call, count: Callable[[datetime, datetime], int]) -> dict[str, Any]:
    window = call.window()
    counts = [(label, count(start, end)) for label, start, end in window.buckets()]
    total = sum(number for _, number in counts)
    rows = [{"total": total, "series": series(counts)}] if total else []
    dataset, pagination = page(rows, call.query)
    return {"total": total, "dataset": list(dataset), "pagination": pagination}
