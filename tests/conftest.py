"""Sets how hypothesis searches and SQLite writes, and what tests share. Prints the figures of fault
tests at the end.

CI tries the same examples each time, a developer's machine new ones.
"""

import asyncio
import gc
import inspect
import os
import ssl
import sys
from collections.abc import Callable, Generator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
import uvloop
from hypothesis import settings
from slack_bolt.listener import async_listener
from slack_bolt.listener_matcher import builtins
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.ext import asyncio as sqlalchemy_asyncio
from sqlalchemy.util import LRUCache

from bot.inbound import dispatch
from bot.views.kit import text
from storage import sqlite
from tests.faults.figures import PROPERTY
from tests.support import quick_blocks
from tests.support.postgres import postgres_server

__all__ = ["postgres_server"]  # one for all tests of a process: each use of it counts

EXAMPLES = 25  # of each rule; those with more to try say so
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=EXAMPLES)
settings.register_profile("desk", deadline=None, max_examples=EXAMPLES)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# A test's file need not survive a power cut. On a busy disk, flushing it takes seconds in which the
# writer keeps its lock, and everybody else runs into theirs.
sqlite._PRAGMAS = tuple(
    "PRAGMA synchronous = OFF" if "synchronous" in each else each for each in sqlite._PRAGMAS
)
# Reading the system's certificates takes longer than anything else in making an HTTP client.
ssl.create_default_context = cache(ssl.create_default_context)
# httpcore looks for this package at each request. Where it is missing, that is a look through all
# folders, a twentieth of a story.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment] # as `import` documents it
# A traceback in colours, with the source around each line, takes a fifth of a second.
structlog.get_config()["processors"][-1].exception_formatter = structlog.dev.plain_traceback


def _share_compiled_statements() -> None:
    """Each story has its own engine, and to compile all statements again takes a tenth of it.

    SQLAlchemy keys them by the dialect, so two of one kind must count as the same.
    """
    kept: dict[type, LRUCache[Any, Any]] = {}

    def sharing(make: Callable[..., Any]) -> Callable[..., Any]:
        def make_sharing(*args: Any, **options: Any) -> Any:
            made = make(*args, **options)
            own = getattr(made, "sync_engine", made)
            own._compiled_cache = kept.setdefault(type(own.dialect), LRUCache(STATEMENTS))
            return made

        return make_sharing

    vars(sqlite)["create_engine"] = sharing(sqlite.create_engine)
    vars(sqlalchemy_asyncio)["create_async_engine"] = sharing(
        sqlalchemy_asyncio.create_async_engine
    )
    patched: Any = DefaultDialect
    patched.__eq__ = lambda one, other: type(one) is type(other)
    patched.__hash__ = lambda one: hash(type(one))


def _share_what_listeners_take() -> None:
    """Bolt and our table ask each listener for its parameters, and each story's bot makes all
    listeners anew.
    """

    def sharing(ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
        kept: dict[Any, Any] = {}

        def share(listener: Any) -> Any:
            code = getattr(listener, "__code__", listener)
            if code not in kept:
                kept[code] = ask(listener)
            return kept[code]

        return share

    names = sharing(vars(async_listener)["get_arg_names_of_callable"])
    for module in (async_listener, builtins):
        vars(module)["get_arg_names_of_callable"] = names
    vars(dispatch)["inspect"] = SimpleNamespace(signature=sharing(inspect.signature))


STATEMENTS, NAMES = 2_000, 4_000
_share_compiled_statements()
_share_what_listeners_take()
quick_blocks.install()
# Tables of all screens draw the same long names thousands of times. To find where their characters
# end is a fifth of that.
vars(text)["clip"] = lru_cache(NAMES)(text.clip)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that production runs. It also takes a twentieth off a story."""
    return {"uvloop": uvloop.new_event_loop}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spreads the files of each folder over the run, since those of one folder are alike: what
    waits, or is long, is then neither done by one process nor by all at the end. Browser tests
    begin, and stay together: each process that runs one starts a Chromium.
    """
    files: dict[Path, dict[Path, float]] = {}
    for path in dict.fromkeys(item.path for item in items):
        files.setdefault(path.parent, {})[path] = 0.0
    place = {
        path: (number + 0.5) / len(folder)
        for folder in files.values()
        for number, path in enumerate(folder)
    }
    place |= dict.fromkeys(files.get(Path(__file__).parent / "browser", ()), 0.0)
    items.sort(key=lambda item: (place[item.path], item.path))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Garbage is not looked for while tests are collected, later less often and not among what
    lives until the end: tests and modules. That takes an eighth of the time of a story.
    """
    gc.disable()
    collected = yield
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 20, 50)
    return collected


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
