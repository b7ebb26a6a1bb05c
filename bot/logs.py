"""Logging: one line per event, as JSON or for a console, for our loggers and the libraries'.

A line holds named ids and plain numbers. It never holds bodies or secrets.
"""

import logging
import re
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import PurePath
from traceback import extract_tb
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog

from bot.settings import LogLevel
from flows.errors import StorageUnavailable

_log = structlog.get_logger(__name__)
_OURS = ("bot", "flows", "storage")
# At lower levels these log URLs, bodies or every request, and URLs can hold keys.
_QUIET = ("slack_sdk", "slack_bolt", "httpx", "httpcore", "aiohttp.access", "alembic")

# Any other key is dropped, so that a new log call cannot let a body slip through.
ALLOWED_KEYS = frozenset(
    {
        "timestamp", "level", "logger", "event",
        "reference", "error_type", "trace",
        "error", "problem",  # names, never messages
        "tenant_id", "team_id", "enterprise_id", "user_id", "channel_id",
        "integration_id", "source_id", "destination_id",
        "record_id",
        "event_id", "event_type",
        "command", "action_id", "callback_id", "shortcut", "method", "call",
        "kind", "table", "step", "screen", "code", "reason", "region", "state", "status", "setting",
        "revision", "sequence", "attempt", "attempts", "count", "retry_after",
        "delay", "since", "offset_seconds", "host", "port", "version", "job",
        "worker", "key_ids",
    }
)  # fmt: skip
_LONGEST_VALUE = 1000
_MOST_FRAMES = 30
_MOST_RECORDS = 20
_HIDDEN = "[redacted]"

# The net below the allow list: shapes of secrets that an allowed value could contain.
_SECRETS = re.compile(
    r"\bxox[a-z][.-][\w.-]{6,}"  # Slack's tokens
    r"|\bxapp-[\w-]{6,}"
    r"|\bsgp_\w{6,}"  # Segment's
    r"|\bwhsec_[\w+/=]{6,}"
    r"|\b[\w-]{20,}\.[\w-]{20,}(?:\.[\w-]{20,})?"  # Config API tokens, JWTs
    r"|(?<![\w-])[\w-]{43}=(?![\w=])"  # Fernet keys
    r"|\bg(?:AAA|EAA)[\w=-]{20,}"  # Fernet ciphertext
    r"|(?<=/projects/)[^/\s]+"  # a write key in a URL
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # a database's user and password
    r"|(?P<label>(?i:key|token|secret|bearer)\W{1,4})[\w+/-]{20,}={0,2}"
)

EventDict = MutableMapping[str, Any]


def configure_logging(
    level: LogLevel = LogLevel.INFO,
    form: Literal["json", "console"] | None = None,
    stream: TextIO | None = None,
) -> None:
    """Sends all logging to `stream` (stderr). `form` None means JSON unless that is a terminal.

    `level` applies to our own loggers. Others stay at INFO or above: below it SDKs log bodies.
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
    """Sets the level and removes the logger's own handlers, which would bypass ours."""
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


# --- what may stand in a line ---------------------------------------------------------------------


def keep_allowed(logger: Any, method: str, event: EventDict) -> EventDict:
    """A structlog processor: keeps allowed keys with plain values, clipped, and drops the rest."""
    return {
        key: _clipped(value)
        for key, value in event.items()
        if key in ALLOWED_KEYS and isinstance(value, str | int | float)
    }


def _clipped(value: str | float) -> str | float:
    return value[:_LONGEST_VALUE] if isinstance(value, str) else value


def describe_exception(logger: Any, method: str, event: EventDict) -> EventDict:
    """A structlog processor: keeps an exception's types and frames. Messages can hold secrets."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, tuple):
        info = info[1]
    if isinstance(info, BaseException):
        event["error_type"] = type(info).__name__
        event["trace"] = " < ".join(_chain(info))
    if isinstance(info, StorageUnavailable):
        event["problem"] = info.trouble
    return event


def _chain(error: BaseException) -> list[str]:
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None and len(lines) < _MOST_FRAMES:
        lines += [type(current).__name__, *_frames(current.__traceback__)]
        current = current.__cause__ or current.__context__
    return lines[:_MOST_FRAMES]


def _frames(trace: TracebackType | None) -> list[str]:
    return [
        f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno}"
        for frame in reversed(extract_tb(trace))
    ]


def redact(logger: Any, method: str, event: EventDict) -> EventDict:
    """A structlog processor: masks whatever looks like a secret in every text."""
    return {
        key: redact_text(value) if isinstance(value, str) else value for key, value in event.items()
    }


def redact_text(text: str) -> str:
    """Masks everything in the text that looks like a secret."""
    return _SECRETS.sub(rf"\g<label>{_HIDDEN}", text)


def problem_of(error: Exception) -> str:
    """Why something that we need cannot be used: what is wrong with the database, if that it is."""
    return error.trouble if isinstance(error, StorageUnavailable) else type(error).__name__


def note_unreadable(call: str, record_ids: Sequence[str]) -> None:
    """Records of Segment that are not as it describes them: how many, and the ids of the first."""
    _log.warning("segment_records_unreadable", call=call, count=len(record_ids))
    for record_id in record_ids[:_MOST_RECORDS]:
        _log.warning("segment_record_unreadable", call=call, record_id=record_id)
