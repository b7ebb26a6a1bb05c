"""The container: it makes nothing before it is needed, nothing twice, and closes everything."""

import asyncio
import os
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.app import Bot, running
from bot.inbound.asgi import build_asgi
from bot.settings import Settings
from flows.errors import StorageUnavailable, Trouble
from flows.outbox.jobs import JobKind
from flows.ports import Unguarded
from storage.cipher import generate_key
from tests.contract import samples
from tests.scenario.logged import logged
from tests.support import template
from tests.support.fleet import free_port
from tests.unit.outbound.test_errors import answered

ROOT = Path(__file__).parent.parent.parent
OF_WORKERS = {
    "background", "calling", "delivery", "digesting", "handlers", "handoffs", "periodic", "polled",
    "poller", "sender",
}  # fmt: skip
LATE = ("alembic", "joserfc", "matplotlib", "yaml", "psycopg", "playground", "bot.demo")
WITH_SEGMENT = ("httpx",)  # and certificates, which take longer to load than all of it
# What a server on SQLite never needs, and what libraries import for looks, if it is there.
UNUSED = (
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.orm",
    "rich.console",
    "pygments.lexer",
)
# `python -m bot`, which says each time that Python looks for garbage.
SAYING = """
import gc, runpy, sys
gc.callbacks.append(lambda phase, _: phase == "start" and print("garbage?", file=sys.stderr))
sys.argv = ["bot", *sys.argv[1:]]
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""
# What Segment and Slack send is read by models, each made ready when the first of its kind comes.
READY = """
from bot.inbound import asgi, payloads
from flows.clients import wire
found = [*vars(wire).values(), *vars(payloads).values()]
models = [one for one in found if isinstance(one, type) and hasattr(one, "model_fields")]
print(len(models) > 40, [one.__name__ for one in models if one.__pydantic_complete__])
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        slack_signing_secret="x" * 32,
        slack_client_id="1.2",
        slack_client_secret="x",
        public_url="https://bot.test",
        slack_api_url="http://127.0.0.1:9/api/",
        database_url=f"sqlite:///{tmp_path / 'bot.db'}",
        encryption_keys=generate_key().get_secret_value(),
    )


async def test_a_part_is_made_when_first_asked_for_and_only_once(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        bot = Bot(settings, stack)
        assert "engine" not in vars(bot)
        assert bot.recorder is bot.recorder
        assert bot.setup._recorder is bot.reminding._recorder is bot.recorder
        assert "slack" in vars(bot)
        assert "http" not in vars(bot)
        http = bot.http
    assert bot.slack.session.closed
    assert http.is_closed


async def test_a_start_names_the_keys_that_are_missing(settings: Settings) -> None:
    async with running(settings, worker=False) as bot:
        async with bot.uow("T1", unguarded=Unguarded.INSTALLING) as work:
            await work.installations.put(samples.installation("T1"), SecretStr("token"))
            await work.commit()
        (gone,) = bot.cipher.key_ids
    another = settings.model_copy(update={"encryption_keys": (generate_key(),)})
    with capture_logs() as lines:
        async with running(another, worker=False):
            pass
    told = [line for line in lines if line["event"] == "encryption_keys_missing"]
    assert [line["key_ids"] for line in told] == [f"{gone} (1 secret)"]


async def test_without_workers_nothing_is_made_that_only_they_need(settings: Settings) -> None:
    async with running(settings, worker=False) as bot:
        assert bot.bolt
        assert OF_WORKERS & set(vars(bot)) == set()
        assert bot.handlers.keys() == set(JobKind)


async def test_what_still_runs_at_the_end_can_still_speak(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []
    async with running(settings, worker=False) as bot:
        http, slack = bot.http, bot.slack

        async def stop() -> None:
            closed.extend((http.is_closed, slack.session.closed))

        monkeypatch.setattr(bot.checking, "stop", stop)
    assert closed == [False, False]
    assert http.is_closed


async def test_a_database_that_says_nothing_is_said_to_be_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the question, and it is not cut off either."""
    speaks = asyncio.Event()

    async def silent(*_: object) -> bool:
        return await speaks.wait()

    for limit in ("READY_TIMEOUT", "COUNT_TIMEOUT"):
        monkeypatch.setattr(f"bot.app.{limit}", 0.0)
    async with running(settings, worker=False) as bot:
        monkeypatch.setattr("storage.schema.is_current", silent)
        monkeypatch.setattr(bot, "_count", silent)
        assert await bot.problem() == "database unreachable"
        with pytest.raises(StorageUnavailable):
            await bot.count()
        speaks.set()
        monkeypatch.setattr("bot.app.READY_TIMEOUT", 10.0)
        assert await bot.problem() == ""


async def test_tables_that_are_lost_while_it_runs_are_said(settings: Settings) -> None:
    async with running(settings, worker=False) as bot:
        for name, other, problem in (
            ("outbox", "elsewhere", "database incomplete"),
            ("elsewhere", "outbox", ""),
        ):
            async with bot.engine.begin() as connection:
                await connection.execute(sa.text(f"ALTER TABLE {name} RENAME TO {other}"))
            assert await bot.problem() == problem


async def test_a_token_that_slack_refuses_is_said_until_the_app_is_installed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = {"slack_bot_token": SecretStr("xoxb-1"), "slack_client_id": None}
    one = settings.model_copy(update={**token, "slack_client_secret": None})

    async def refuse(_client: object, **_: object) -> None:
        raise answered({"ok": False, "error": "invalid_auth"})

    monkeypatch.setattr("slack_sdk.web.async_client.AsyncWebClient.auth_test", refuse)
    async with running(one, worker=False) as bot:
        assert await bot.problem() == "Slack refuses SLACK_BOT_TOKEN"
        async with bot.uow("T1", unguarded=Unguarded.INSTALLING) as work:
            await work.installations.put(samples.installation("T1"), SecretStr("token"))
            await work.commit()
        assert await bot.problem() == ""


async def test_one_workspace_that_is_erased_is_said_until_the_next_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no other way to install the app."""
    token = {"slack_bot_token": SecretStr("xoxb-1"), "slack_client_id": None}
    one = settings.model_copy(update={**token, "slack_client_secret": None})
    answer = answered({"ok": True, "team_id": "T1", "team": "One", "user_id": "UBOT"}).response
    ask = AsyncMock(return_value=answer)
    monkeypatch.setattr("slack_sdk.web.async_client.AsyncWebClient.auth_test", ask)
    async with running(one, worker=False) as bot:
        assert await bot.problem() == ""
        await bot.lifecycle.uninstall("T1")
        await bot.erasing.erase("T1", at_once=True)
        assert await bot.problem() == "not installed"
    async with running(one, worker=False) as bot:
        assert await bot.problem() == ""


async def test_what_keeps_it_from_starting_is_one_event_without_texts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next start goes well."""
    asgi = build_asgi(settings, worker=False)
    said: list[Any] = []
    asked = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}] * 2)

    async def receive() -> Any:
        return next(asked)

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "lifespan", "app": asgi, "state": {}}
    with monkeypatch.context() as meanwhile, logged() as log:
        trouble = AsyncMock(side_effect=StorageUnavailable("hidden", Trouble.FULL))
        meanwhile.setattr(Bot, "open", trouble)
        with pytest.raises(StorageUnavailable):
            await asgi(scope, receive, send)
    assert said == [{"type": "lifespan.startup.failed"}]
    assert log.getvalue().count('"event": "process_failed"') == 1
    assert "hidden" not in log.getvalue()
    next(asked)
    await asgi(scope, receive, send)
    assert [each["type"] for each in said[1:]] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


@pytest.mark.parametrize("more", [["--no-worker"], []], ids=["alone", "with a worker"])
def test_a_server_starts_without_what_it_does_not_need_yet(more: list[str], tmp_path: Path) -> None:
    """As a process of its own, since some imports come only while it starts."""
    settings = {
        "SLACK_SIGNING_SECRET": "x" * 32,
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "x",
        "PUBLIC_URL": "https://bot.test",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "DATABASE_URL": template.sqlite_url(tmp_path),
        "ENCRYPTION_KEYS": generate_key().get_secret_value(),
    }
    port = str(free_port())
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "-c", SAYING, "serve", "--port", port, *more],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        imported, looks, started = set(), 0, False
        for line in process.stderr:
            if line.startswith("import time:"):
                imported.add(line.rpartition("|")[2].strip())
            elif line == "garbage?\n":
                looks += "bot.settings" in imported and not started
            elif '"started"' in line:
                started = True
                process.terminate()
    assert "bot.app" in imported
    assert {*LATE, *UNUSED, *WITH_SEGMENT} & imported == set()
    assert looks == 0


@pytest.mark.parametrize("module", ["bot.__main__", "bot.inbound.asgi"])
def test_a_start_imports_only_what_all_commands_need(module: str) -> None:
    assert _printed(f"import sys, {module}; print(*sorted({set(LATE)!r} & set(sys.modules)))") == ""


def test_a_start_makes_no_model_ready() -> None:
    defaults = ["Pagination", "SourceKindWire", "MetadataWire"]  # which are values of other models
    assert _printed(READY) == f"True {defaults}"


def _printed(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    return done.stdout.strip()
