"""Figures as a table for people and as JSON for programs."""

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from bench.contenders import bare_of
from bench.processes import ROOT
from bench.requests import Figures, ratio

JSON_FILE = ROOT / "var" / "bench.json"


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def table(found: Sequence[Figures]) -> str:
    """One line a row, one column a contender: CPU ms, and how often that of bare ASGI beside it.

    Who keeps its data in PostgreSQL is compared with bare ASGI that does.
    """
    names = list(dict.fromkeys(name for row in found for name in (*row.rounds, *row.failed)))
    lines = [["CPU ms a request (× bare ASGI, quartiles)", *names]]
    lines += [[row.row, *(_cell(row, name) for name in names)] for row in found]
    head, *rest = (" | ".join(line) for line in lines)
    return "\n".join(
        f"| {line} |" for line in (head, " | ".join(["---"] * (len(names) + 1)), *rest)
    )


def _cell(row: Figures, name: str) -> str:
    if name not in row.rounds:
        return "–"
    spent = f"{statistics.median(row.rounds[name]):.2f}"
    ratios = ratio(row, name)
    if name == bare_of(name) or not ratios:
        return spent
    low, middle, high = quartiles(ratios)
    return f"{spent} (**{middle:.2f}**, {low:.2f}–{high:.2f})"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def keep(part: str, figures: Any) -> None:
    """Beside what other parts wrote before."""
    JSON_FILE.parent.mkdir(exist_ok=True)
    kept: dict[str, Any] = json.loads(JSON_FILE.read_text()) if JSON_FILE.exists() else {}
    kept[part] = figures
    JSON_FILE.write_text(json.dumps(kept, indent=1) + "\n")


def requests_as_json(found: Sequence[Figures]) -> Mapping[str, Any]:
    return {
        row.row: {
            "cpu_ms": row.rounds,
            "times_bare": {
                name: [round(each, 3) for each in quartiles(ratio(row, name))]
                for name in row.rounds
                if ratio(row, name)
            },
            "failed": row.failed,
        }
        for row in found
    }
