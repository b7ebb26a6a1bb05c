"""Sets how hypothesis searches, and prints the figures of fault tests at the end of a run.

CI tries the same examples each time, a developer's machine new ones.
"""

import os

import pytest
from hypothesis import settings

from tests.faults.figures import PROPERTY

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


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
