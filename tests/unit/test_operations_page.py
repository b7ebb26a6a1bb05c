"""docs/operations.md names all that an operator can see go wrong, and all that is counted."""

import re
from pathlib import Path

import pytest

from bot.metrics import Metrics

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text()
_ERROR = re.compile(r"_log\.(?:error|exception|critical)\(\s*\"(\w+)\"")
ERRORS = sorted(
    {
        event
        for chapter in ("bot", "flows", "storage")
        for path in (ROOT / chapter).rglob("*.py")
        for event in _ERROR.findall(path.read_text())
    }
)
METRICS = sorted(each.name for each in Metrics().registry.collect())


def test_there_is_something_to_name() -> None:
    assert len(ERRORS) > 10
    assert len(METRICS) > 8


@pytest.mark.parametrize("event", ERRORS)
def test_every_error_in_the_log_is_explained(event: str) -> None:
    assert f"`{event}`" in PAGE


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_named(name: str) -> None:
    assert re.search(rf"`{name}(?:_total|_count)?[`{{]", PAGE)
