"""CPU per `/segment` of a customer who comes back, against bare ASGI doing the same work."""

import asyncio
import hashlib
import hmac
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.clock import SystemClock
from bot.inbound.asgi import build_asgi
from bot.settings import Settings
from flows.reactions import usual_reactions
from flows.recording import Recorder
from storage.cipher import Cipher, generate_key
from storage.engine import make_engine
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.bench.bare import BareApp
from tests.bench.stub_slack import stub_slack

ROUNDS = 7
REQUESTS = 300  # in a round
WARM_UP = 50
AT_ONCE = 4
SECRET = "bench"


@dataclass(frozen=True, slots=True)
class Round:
    """CPU seconds of this process and wall-clock seconds, for one request."""

    cpu: float
    wall: float


App = Callable[[Any, Any, Any], Awaitable[None]]


def _request() -> tuple[dict[str, Any], bytes]:
    form = {
        "command": "/segment",
        "text": "",
        "team_id": "T1",
        "team_domain": "acme",
        "user_id": "U1",
        "channel_id": "C1",
        "trigger_id": "1.2.3",
        "response_url": "http://127.0.0.1:9/response",
        "api_app_id": "A1",
        "is_enterprise_install": "false",
    }
    body = urlencode(form).encode()
    timestamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256)
    headers = [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"x-slack-request-timestamp", timestamp.encode()),
        (b"x-slack-signature", f"v0={mac.hexdigest()}".encode()),
    ]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/slack/events",
        "raw_path": b"/slack/events",
        "query_string": b"",
        "headers": headers,
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 3000),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    }
    return scope, body


async def _ask(app: App) -> None:
    scope, body = _request()
    status: list[int] = []
    said: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])
        else:
            said.append(message.get("body", b""))

    await app(scope, receive, send)
    if status != [200] or any(said):
        raise RuntimeError(f"answered {status}: {said}")  # an apology comes with 200 as well


async def _round(app: App, requests: int) -> Round:
    async def one_after_another(count: int) -> None:
        for _ in range(count):
            await _ask(app)

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(one_after_another(requests // AT_ONCE) for _ in range(AT_ONCE)))
    return Round((time.process_time() - cpu) / requests, (time.perf_counter() - wall) / requests)


@asynccontextmanager
async def _apps(folder: Path, api_url: str) -> AsyncIterator[tuple[App, App]]:
    """The bot and its bare counterpart, over the same database."""
    url = f"sqlite:///{folder / 'bench.db'}"
    key = generate_key()
    settings = Settings(
        _env_file=None,
        slack_signing_secret=SECRET,
        slack_bot_token="-".join(("xoxb", "1", "bench")),
        slack_api_url=api_url,
        database_url=url,
        encryption_keys=key.get_secret_value(),
    )
    bot = build_asgi(settings, worker=False)
    engine = make_engine(url)
    uow = SqlUnitOfWorkFactory(engine, Cipher([key]), SystemClock())
    recorder = Recorder(uow, SystemClock(), usual_reactions(settings.poll_interval))
    async with bot.router.lifespan_context(bot), aiohttp.ClientSession() as session:
        await _ask(bot)  # the first one creates the set-up
        await asyncio.sleep(0.2)
        yield bot, BareApp(recorder, session, api_url, SECRET)
    await engine.dispose()


async def _measure(folder: Path, api_url: str) -> list[tuple[Round, Round]]:
    async with _apps(folder, api_url) as (bot, bare):
        for app in (bot, bare):
            await _round(app, WARM_UP)
        return [(await _round(bot, REQUESTS), await _round(bare, REQUESTS)) for _ in range(ROUNDS)]


def run() -> str:
    """Measures and answers with the figures as lines of text."""
    with TemporaryDirectory() as folder, stub_slack() as api_url:
        pairs = asyncio.run(_measure(Path(folder), api_url))
    ratios = sorted(bot.cpu / bare.cpu for bot, bare in pairs)
    bot = statistics.median(pair[0].cpu for pair in pairs) * 1000
    bare = statistics.median(pair[1].cpu for pair in pairs) * 1000
    return (
        f"/segment, coming back: {statistics.median(ratios):.2f} times the CPU of bare ASGI"
        f" ({ratios[0]:.2f} to {ratios[-1]:.2f} over {ROUNDS} rounds)\n"
        f"  for orientation: {bot:.2f} ms against {bare:.2f} ms of CPU a request"
    )
