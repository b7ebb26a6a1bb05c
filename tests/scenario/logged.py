"""Captures the log of the whole process, as `LOG_LEVEL=DEBUG` writes it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot.logs import configure_logging
from bot.settings import LogLevel


@contextmanager
def logged(least: LogLevel = LogLevel.DEBUG) -> Iterator[io.StringIO]:
    """Everything that is logged in this block. Afterwards logging is as before."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure_logging(least, "json", stream)
    try:
        yield stream
    finally:
        root.handlers = handlers
        root.setLevel(level)
        structlog.reset_defaults()
