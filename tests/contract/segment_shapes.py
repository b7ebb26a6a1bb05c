"""Helps the contract tests make each described call and examine its answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.playground.segment_support import Lab

_KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "number": (int, float),
}


def described_calls() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("segment_calls.yaml").read_text(encoding="utf-8")
    calls: dict[str, dict[str, Any]] = yaml.safe_load(text)["calls"]
    return calls


class Asked:
    """A lab in which every described call has an answer."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.source = lab.world.source("acme/web-app")
        self.destination = lab.world.connect_destination(self.source.id, enabled=True)
        lab.world.add_filter(self.source.id, "No page calls", 'type = "page"')
        lab.world.send_events(self.source.id, 30)
        lab.clock.advance(minutes=10)

    def path(self, pattern: str) -> str:
        return pattern.format(sourceId=self.source.id, destinationId=self.destination.id)

    def query(self, pattern: str) -> dict[str, str | int | list[str]]:
        """Everything that a call of this path may need."""
        query: dict[str, str | int | list[str]] = {"pagination[count]": 2}
        if pattern.startswith(("/delivery-overview/", "/events/")):
            query = self.lab.days()
        if pattern.startswith("/delivery-overview/"):
            query["sourceId"] = self.source.id
        if pattern.endswith(("-delivery", "-destination")):
            query["destinationConfigId"] = self.destination.id
        if pattern == "/events/volume":
            query["groupBy"] = ["eventType", "source"]
        return query


def fits(value: object, kind: str) -> bool:
    if kind != "boolean" and isinstance(value, bool):
        return False
    return isinstance(value, _KINDS[kind])


def values_at(data: Any, path: str) -> Iterator[Any]:
    """Every value at a path such as `sources[].name?`. Raises `KeyError` if one is missing."""
    if not path:
        yield data
        return
    head, _, rest = path.partition(".")
    name = head.rstrip("[]?")
    if head.endswith("?") and data.get(name) is None:
        return
    inner = data[name]
    for item in inner if "[]" in head else [inner]:
        yield from values_at(item, rest)
