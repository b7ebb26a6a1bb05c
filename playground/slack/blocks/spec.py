"""A small vocabulary for writing down Block Kit's shapes."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.slack.model import Json


@dataclass
class Report:
    """Collects problems, each in Slack's wording with a JSON pointer."""

    surface: str
    problems: list[str] = field(default_factory=list)

    def add(self, path: str, problem: str) -> None:
        self.problems.append(f"[ERROR] {problem} [json-pointer:{path}]")


Check = Callable[[Any, str, Report], None]
Rule = Callable[[Json, str, Report], None]


def string(longest: int, shortest: int = 1, pattern: str = "") -> Check:
    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add(path, "must be a string")
        elif len(value) < shortest:
            report.add(path, f"must be more than {shortest - 1} characters")
        elif len(value) > longest:
            report.add(path, f"must be less than {longest + 1} characters")
        elif pattern and not re.fullmatch(pattern, value):
            report.add(path, f"failed to match the pattern {pattern}")

    return check


def boolean(value: Any, path: str, report: Report) -> None:
    if not isinstance(value, bool):
        report.add(path, "must be a boolean")


def integer(least: int, most: int) -> Check:
    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.add(path, "must be an integer")
        elif not least <= value <= most:
            report.add(path, f"must be between {least} and {most}")

    return check


def one_of(*allowed: Any) -> Check:
    def check(value: Any, path: str, report: Report) -> None:
        if value not in allowed:
            report.add(path, f"must be one of {', '.join(map(str, allowed))}")

    return check


def list_of(item: Check, most: int, least: int = 0) -> Check:
    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, list):
            report.add(path, "must be an array")
            return
        if len(value) > most:
            report.add(path, f"no more than {most} items allowed")
        if len(value) < least:
            report.add(path, f"no fewer than {least} items allowed")
        for index, member in enumerate(value[: most + 1]):
            item(member, f"{path}/{index}", report)

    return check


def at_least_one(*names: str) -> Rule:
    def rule(value: Json, path: str, report: Report) -> None:
        if value.keys().isdisjoint(names):
            report.add(path, f"at least one of {', '.join(names)} is required")

    return rule


def exactly_one(*names: str) -> Rule:
    def rule(value: Json, path: str, report: Report) -> None:
        if len(value.keys() & set(names)) != 1:
            report.add(path, f"exactly one of {', '.join(names)} is required")

    return rule


def shape(
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    *rules: Rule,
) -> Check:
    """An object with exactly these fields. Afterwards, rules check the object as a whole."""
    known = {**required, **(optional or {})}

    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(path, "must be an object")
            return
        before = len(report.problems)
        for name in required:
            if name not in value:
                report.add(path, f"missing required field: {name}")
        for name, member in value.items():
            if name in known:
                known[name](member, f"{path}/{name}", report)
            else:
                report.add(f"{path}/{name}", f"invalid additional property: {name}")
        if len(report.problems) == before:
            for rule in rules:
                rule(value, path, report)

    return check


def typed(table: Mapping[str, Check], allowed: Collection[str] | None = None) -> Check:
    """An object whose `type` selects its shape from the table."""

    def check(value: Any, path: str, report: Report) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        known = isinstance(kind, str) and kind in table
        if known and (allowed is None or kind in allowed):
            rest = {name: member for name, member in value.items() if name != "type"}
            table[str(kind)](rest, path, report)
        else:
            report.add(path, f"unsupported type: {kind}")

    return check
