"""Sets how hypothesis searches and SQLite writes, and prints the figures of fault tests at the end.

CI tries the same examples each time, a developer's machine new ones.
"""

import os
import ssl
from functools import cache

import pytest
from hypothesis import settings

from storage import engine
from tests.faults.figures import PROPERTY
from tests.support.postgres import postgres_server

__all__ = ["postgres_server"]  # one for all tests of a process: each use of it counts

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# A test's file need not survive a power cut. On a busy disk, flushing it takes seconds in which the
# writer keeps its lock, and everybody else runs into theirs.
engine._SQLITE_PRAGMAS = tuple(
    "PRAGMA synchronous = OFF" if "synchronous" in each else each for each in engine._SQLITE_PRAGMAS
)
# Reading the system's certificates takes longer than anything else in making an HTTP client.
ssl.create_default_context = cache(ssl.create_default_context)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
    ]
    lines = [str(text) for r in reports for name, text in r.user_properties if name == PROPERTY]
    if lines:
        terminalreporter.section("fault figures")
        for line in sorted(lines):
            terminalreporter.line(line)
