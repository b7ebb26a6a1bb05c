"""docs/operations.md names all that an operator can see go wrong, and all that is counted."""

import re
from pathlib import Path

import pytest

from bot.metrics import Metrics
from flows.errors import Trouble

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text()
_TROUBLE = re.compile(r"\b_?log\.(?:warning|error|exception|critical)\(\s*\"(\w+)\"")
EVENTS = sorted(
    {
        event
        for chapter in ("bot", "flows", "storage")
        for path in (ROOT / chapter).rglob("*.py")
        for event in _TROUBLE.findall(path.read_text())
    }
)
METRICS = sorted(each.name for each in Metrics().registry.collect())


def test_there_is_something_to_name() -> None:
    assert len(EVENTS) > 40
    assert len(METRICS) > 8


@pytest.mark.parametrize("event", EVENTS)
def test_every_warning_and_error_in_the_log_is_explained(event: str) -> None:
    assert f"`{event}`" in PAGE


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_with_the_database_is_explained(trouble: Trouble) -> None:
    assert f"| `{trouble}` |" in PAGE


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_named(name: str) -> None:
    assert re.search(rf"`{name}(?:_total|_count)?[`{{]", PAGE)
