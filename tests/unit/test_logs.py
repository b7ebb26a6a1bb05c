"""What reaches the log, and what must not."""

import ast
import io
import json
import logging
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from cryptography.fernet import Fernet
from pydantic import SecretStr

from bot.logs import ALLOWED_KEYS, configure_logging, redact_text
from bot.settings import LogLevel
from storage.cipher import Cipher, generate_key


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    stream = io.StringIO()
    configure_logging(LogLevel.DEBUG, "json", stream)
    yield stream
    root.handlers, level = before
    root.setLevel(level)
    structlog.reset_defaults()


ROOT = Path(__file__).parent.parent.parent
# Keys that say how to log, not what.
NOT_LOGGED = {"exc_info"}


def logged_keys() -> set[str]:
    """The keys of all calls `_log.<level>("…", key=…)` in our code."""
    keys: set[str] = set()
    for file in (
        file for name in ("bot", "flows", "storage") for file in (ROOT / name).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("_log."):
                keys |= {keyword.arg for keyword in node.keywords if keyword.arg}
    return keys - NOT_LOGGED


def test_what_our_code_logs_is_on_the_white_list() -> None:
    assert "reference" in logged_keys()
    assert logged_keys() <= ALLOWED_KEYS


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_holds_ids_and_drops_the_rest(log: io.StringIO) -> None:
    structlog.get_logger("bot.x").info("saved", team_id="T1", body={"a": 1}, text="hello", count=2)
    (line,) = lines(log)
    assert line.pop("timestamp")
    assert line == {
        "event": "saved", "level": "info", "logger": "bot.x", "team_id": "T1", "count": 2
    }  # fmt: skip


def test_an_allowed_name_does_not_carry_a_structure(log: io.StringIO) -> None:
    structlog.get_logger("bot.x").info("saved", state={"values": "typed"})
    assert "typed" not in log.getvalue()


def test_context_is_added(log: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(reference="r1", typed="no"):
        structlog.get_logger("bot.x").warning("failed")
    (line,) = lines(log)
    assert line["reference"] == "r1"
    assert "typed" not in line


def test_of_an_exception_only_types_and_frames(log: io.StringIO) -> None:
    try:
        try:
            raise ValueError("what was typed")
        except ValueError as error:
            raise RuntimeError("and again what was typed") from error
    except RuntimeError:
        structlog.get_logger("bot.x").exception("failed")
        logging.getLogger("somebody.else").exception("also failed")
    for line in lines(log):
        assert line["error_type"] == "RuntimeError"
        assert str(line["trace"]).startswith("RuntimeError < unit/test_logs.py:")
        assert "ValueError < unit/test_logs.py:" in str(line["trace"])
    assert "typed" not in log.getvalue()


def test_others_write_through_the_same_net(log: io.StringIO) -> None:
    token = "xoxb-" + secrets.token_hex(12)
    logging.getLogger("somebody.else").info("started with %s", token)
    (line,) = lines(log)
    assert line["event"] == "started with [redacted]"


@pytest.mark.parametrize(
    "name", ["slack_sdk.web.client", "slack_bolt.AsyncApp", "httpx", "aiohttp.client", "x"]
)
def test_debug_is_for_our_own_loggers_only(log: io.StringIO, name: str) -> None:
    logging.getLogger(name).debug("a whole body")
    structlog.get_logger("flows.setup.service").debug("ours")
    assert [line["event"] for line in lines(log)] == ["ours"]


def test_addresses_of_requests_are_not_logged(log: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://cdn.example.com/v1/projects/k")
    assert log.getvalue() == ""


def test_console_lines_are_for_people(log: io.StringIO) -> None:
    stream = io.StringIO()
    configure_logging(LogLevel.INFO, "console", stream)
    structlog.get_logger("bot.y").info("saved", team_id="T1")
    structlog.get_logger("bot.y").debug("not at this level")
    assert "saved" in stream.getvalue()
    assert "team_id=T1" in stream.getvalue()
    assert stream.getvalue().count("\n") == 1


def secret_texts() -> list[str]:
    part = secrets.token_urlsafe(32)
    return [
        "xoxp-" + secrets.token_hex(10),
        "xoxe.xoxb-" + secrets.token_hex(10),
        "xapp-1-" + secrets.token_hex(10),
        "sgp_" + secrets.token_hex(32),
        f"{part}.{part}",
        f"{part}.{part}.{part}",
        Fernet.generate_key().decode(),
        Fernet(Fernet.generate_key()).encrypt(b"x").decode(),
        Cipher([generate_key()]).seal("me", SecretStr("x")),
        "whsec_" + secrets.token_hex(16),
    ]


@pytest.mark.parametrize("frame", ["{}", "a {} b", "token={}", '{{"t": "{}"}}', "https://x/?t={}"])
def test_secrets_are_masked_wherever_they_stand(frame: str) -> None:
    for secret in secret_texts():
        masked = redact_text(frame.format(secret))
        assert secret not in masked
        assert "[redacted]" in masked


def test_secrets_without_a_shape_are_masked_by_what_stands_before_them() -> None:
    key = secrets.token_hex(16)
    assert redact_text(f"writeKey: {key}") == "writeKey: [redacted]"
    assert redact_text(f"Authorization: Bearer {key}") == "Authorization: Bearer [redacted]"
    assert redact_text(f"GET https://x/v1/projects/{key}/settings") == (
        "GET https://x/v1/projects/[redacted]/settings"
    )
    assert redact_text(f"postgresql://app:{key}@db/app") == "postgresql://[redacted]@db/app"


def test_plain_texts_stay() -> None:
    text = "poll of int_01jz8q2v7k3m4n5p6r7s8t9v0w at https://api.example.com/sources took 12 ms"
    assert redact_text(text) == text
