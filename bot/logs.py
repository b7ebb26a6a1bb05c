"""Logging: one line an event, JSON or console, for our own loggers and everybody else's."""

import logging
import sys
from typing import Literal, TextIO

import structlog

from bot.redaction import describe_exception, keep_allowed, redact
from bot.settings import LogLevel

_OURS = ("bot", "flows", "storage")
# These write addresses, bodies or one line a request at lower levels: addresses can hold keys.
_QUIET = ("slack_sdk", "slack_bolt", "httpx", "httpcore", "aiohttp.access", "alembic", "dbos")


def configure_logging(
    level: LogLevel = LogLevel.INFO,
    form: Literal["json", "console"] | None = None,
    stream: TextIO | None = None,
) -> None:
    """Sends all logging to `stream` (stderr); `form` None means JSON unless that is a terminal.

    `level` holds for our own loggers; nobody else's goes below INFO, where SDKs log bodies.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(form or ("console" if stream.isatty() else "json"), stream))
    number = logging.getLevelNamesMapping()[level]
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(number, logging.INFO))
    for name in _OURS:
        logging.getLogger(name).setLevel(number)
    for name in _QUIET:
        _silence(logging.getLogger(name), max(number, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *_common(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _silence(logger: logging.Logger, level: int) -> None:
    """Also takes away handlers of its own (dbos brings one), which would get past ours."""
    logger.setLevel(level)
    logger.handlers = [logging.NullHandler()]
    logger.propagate = True


def _common() -> list[structlog.typing.Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(form: str, stream: TextIO) -> logging.Formatter:
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty())
        if form == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_common(),
        processors=[describe_exception, redact, keep_allowed, renderer],
    )
