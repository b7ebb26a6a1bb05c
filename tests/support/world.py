"""A whole world for scenario tests: the playground's Slack and Segment, and the real bot."""

import asyncio
import os
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext, suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import httpx
import yaml
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.cli.manifest import render_manifest
from bot.inbound.asgi import build_asgi
from bot.outbound import calls, digest, people, windows
from bot.settings import Settings
from flows.checks.run import CheckPolicy
from flows.outbox import messages
from flows.ports import RateCost
from playground.app import Playground, create_playground
from playground.config import PlaygroundConfig
from playground.sample import ACME, TOPLYNE
from playground.server import bind, run_server
from playground.slack.person import Person
from storage.backlog import Backlog
from storage.cipher import generate_key
from tests.support.given_settings import GivenSettings
from tests.support.wiretap import Heard, Wiretap

APP_URL = "https://bot.test"
CUSTOMERS = "C0TOPLCUSTS"
CLOCK = "/clock"
MONDAY, AFTERNOON = 0, 15  # UTC
# A busy machine is slow, and a story must not depend on that. Stories about time itself ask for
# Slack's own limit and for the policy that they test.
PATIENCE = 20.0  # seconds for an acknowledgement
PATIENT = CheckPolicy(deadline=PATIENCE / 2, redraw=0.1)
SOONEST, LATEST = 0.002, 0.05  # seconds between two looks
BLINK = 0.05  # seconds, on a machine with nothing else to do
MOST_BUSY = 10.0  # how much longer it may take on a busy one
NEVER_SO_LONG = 120.0  # seconds; only something broken takes longer, on the busiest machine
SETTLES, LOOK_AGAIN = timedelta(seconds=1.5), 0.1  # the acknowledgement of a busy machine is there
AT_ONCE = RateCost(0.001)  # calls to Slack follow each other without a pause
UNDER_WAY = 1.0  # seconds on such a machine; what takes longer waits for something
ANSWERING = 4.0  # seconds that requests get when the bot stops, as with its own server


@dataclass
class World:
    """Everything that a story needs. `settings` are the bot's; change them before it starts."""

    playground: Playground
    settings: dict[str, Any]
    database_url: str
    _asgi: Any = None
    _stack: Any = None
    check_policy: CheckPolicy = PATIENT
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)  # for installing by hand
    to_segment: list[Heard] = field(default_factory=list)
    _under_way: int = 0  # requests
    to_clock: list[Heard] = field(default_factory=list)  # requests that have been answered
    who_asks: Callable[[], Sequence[str]] = tuple  # the paths at which other processes ask there

    @property
    def slack(self) -> Any:
        return self.playground.slack

    @property
    def segment(self) -> Any:
        return self.playground.segment

    @property
    def database_file(self) -> Path:
        """Of a bot on SQLite."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def asgi(self) -> Any:
        assert self._asgi is not None, "the bot is not running"
        return self._asgi

    def person(self, name: str) -> Person:
        """They wait for what they press, as people do on a slow day."""
        person = self.playground.slack.person(name)
        person.patience = NEVER_SO_LONG
        return person

    def bot_settings(self, **changed: Any) -> Settings:
        return GivenSettings(**{**self.settings, **changed})

    async def start_bot(self, *, worker: bool = True, **changed: Any) -> None:
        """Starts the bot on the same database, as a new process would."""
        settings = self.bot_settings(**changed)
        self._asgi = build_asgi(settings, worker=worker, check_policy=self.check_policy)
        self._stack = self._asgi.router.lifespan_context(self._asgi)
        await self._stack.__aenter__()
        # Bolt gives every listener three seconds, even on a busy machine.
        for listener in self._asgi.state.bot.bolt._async_listeners:
            listener.ack_timeout = self.playground.config.ack_limit

    def serve_with(self, asgi: Any) -> None:
        """For a bot that runs elsewhere: `asgi` passes on what Slack posts."""
        self._asgi = asgi

    async def stop_bot(self) -> None:
        if self._stack is not None:
            with suppress(TimeoutError):
                await soon(lambda: not self._under_way, ANSWERING)
            await self._stack.__aexit__(None, None, None)
        self._stack = self._asgi = None

    async def hear_the_time(self) -> None:
        """Returns once the bot knows the clock's new time.

        A bot in this process is told. Others ask once a second, so the second question of each from
        now on comes after the answer to its first.
        """
        if self._stack is not None:
            await self._asgi.state.bot.clock.ask()
        elif self._asgi is not None:
            asked = len(self.to_clock)
            await soon(lambda: self._all_know(asked))

    def _all_know(self, asked: int) -> bool:
        questions = Counter(each.path for each in self.to_clock[asked:])
        return questions.total() > 1 and all(questions[each] > 1 for each in self.who_asks())

    async def time_passes(self, seconds: float) -> None:
        """Puts the clock forward. Returns once the bot knows.

        Time does not leap in the middle of something, so what can be done at once is done first.
        """
        if self._stack is not None:
            with suppress(TimeoutError):
                await soon(self._is_quiet, among_neighbours(UNDER_WAY))
        self.playground.clock.advance(seconds)
        await self.hear_the_time()

    async def _is_quiet(self) -> bool:
        return not self.asgi.state.bot.filling._windows and await self.nothing_is_due()

    async def nothing_is_due(self) -> bool:
        """Whether all background work that is due has been done. For a bot in this process."""
        bot = self.asgi.state.bot
        return not await Backlog(bot.engine).of(bot.clock.now(), bot.real.now())

    async def work_off(self) -> None:
        await soon(self.nothing_is_due)

    async def install(self) -> None:
        """Installs the app in both workspaces, each through one of its admins."""
        await self.slack.install(TOPLYNE.id, self.person("mira").user.id)
        await self.slack.install(ACME.id, self.person("ada").user.id)

    async def _look_away(self) -> None:
        """Waits a moment for what follows an acknowledgement, because stories look after it. Those
        about something that takes longer wait for it themselves.
        """
        bot = getattr(getattr(self._asgi, "state", None), "bot", None)
        if bot and (running := bot.listeners.running):
            await asyncio.wait(running, timeout=among_neighbours(BLINK))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The bot as an ASGI app that can be restarted."""
        self._under_way += 1
        try:
            await self.asgi(scope, receive, send)
            await self._look_away()
        finally:
            self._under_way -= 1


@asynccontextmanager
async def world(
    database_url: str,
    *,
    ack_limit: float = PATIENCE,
    socket_mode: bool = False,
    strict_rate_limits: bool = False,
    token_rotation: bool = False,
    between: Callable[[Any], Any] = lambda app: app,
    **settings: Any,
) -> AsyncIterator[World]:
    """A playground on a free port, and a bot that talks to it. Nothing is installed yet.

    Where Slack does not count, a bot in this process does not pause between two calls or two edits
    of a card, and soon gives up a window that is not there.
    `between` is an ASGI app around the playground: all that the bot asks passes it.
    """
    port = _free_port()
    base_url = f"http://127.0.0.1:{port}"
    config = replace(
        _config(base_url, socket_mode=socket_mode),
        ack_limit=ack_limit,
        trigger_life=ack_limit,
        strict_rate_limits=strict_rate_limits,
    )
    config.manifest["settings"]["token_rotation_enabled"] = token_rotation
    holder: dict[str, World] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await holder["world"](scope, receive, send)

    transport = httpx.ASGITransport(app=app)
    pacing = nullcontext() if strict_rate_limits else _without_pauses()
    async with httpx.AsyncClient(transport=transport, trust_env=False) as http:
        playground = create_playground(config, http=http)
        if settings.get("clock_url", CLOCK):  # else the bot would not know
            playground.clock.advance(until_monday())
        clock = Wiretap(_one_clock(playground.asgi), CLOCK)
        wiretap = Wiretap(clock, "/segment/")
        made = World(playground, _settings(base_url, config, database_url, settings), database_url)
        made.to_segment, made.to_clock = wiretap.heard, clock.answered
        holder["world"] = made
        async with run_server(between(wiretap), port=port):
            await playground.start()
            try:
                with pacing:
                    yield made
            finally:
                await made.stop_bot()
                await playground.stop()


def _free_port() -> int:
    with bind("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])


def _one_clock(app: ASGIApp) -> ASGIApp:
    """Each process may ask at a path of its own below that of the clock."""

    async def at_its_place(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{CLOCK}/"):
            scope = {**scope, "path": CLOCK, "raw_path": CLOCK.encode()}
        await app(scope, receive, send)

    return at_its_place


@contextmanager
def _without_pauses() -> Iterator[None]:
    """Whoever changes one of these in a world puts it back before that ends, else it stays so."""
    paces: tuple[tuple[ModuleType, str, Any], ...] = (
        (calls, "CHANNEL_COST", AT_ONCE),
        (calls, "COSTS", dict.fromkeys(calls.COSTS, AT_ONCE)),
        (windows, "WINDOW_SETTLES", SETTLES),
        (windows, "WINDOW_AGAIN", LOOK_AGAIN),
        (messages, "EDIT_PAUSE", timedelta(0)),
        (people, "ANSWERED_WITHIN", PATIENCE / 2),
        (digest, "draw_funnel", _draw_once),
    )
    with ExitStack() as stack:
        for module, name, value in paces:
            stack.enter_context(patch.object(module, name, value))
        yield
        for module, name, value in paces:
            assert getattr(module, name) is value, f"{name} is to be put back within the world"


def _draw_once(title: str, bars: Sequence[tuple[str, int]]) -> bytes:
    return _drawn(title, tuple(bars))


_drawn = cache(digest.draw_funnel)  # half a second, for the few funnels of most stories


@cache
def until_monday() -> float:
    """Seconds until a Monday afternoon. What happens in a story must not depend on the time of the
    day at which it is told. Once for all worlds of a process, some of which begin with another's
    database.
    """
    now = datetime.now(UTC)
    today = now.replace(hour=AFTERNOON, minute=0, second=0, microsecond=0)
    days = (MONDAY - today.weekday()) % 7 or 7
    return (today + timedelta(days=days) - now).total_seconds()


def _config(base_url: str, *, socket_mode: bool) -> PlaygroundConfig:
    client_id, client_secret, signing = (secrets.token_hex(16) for _ in range(3))
    return PlaygroundConfig(
        base_url=base_url,
        app_url=APP_URL,
        manifest=deepcopy(_manifest(socket_mode)),
        client_id=client_id,
        client_secret=client_secret,
        signing_secret=signing,
        event_retry_delays=(0.0, 0.05, 0.1),
        app_token=f"xapp-{secrets.token_hex(16)}" if socket_mode else "",
    )


@cache
def _manifest(socket_mode: bool) -> Any:
    return yaml.safe_load(render_manifest(APP_URL, socket_mode=socket_mode))


def _settings(
    base_url: str, config: PlaygroundConfig, database_url: str, changed: dict[str, Any]
) -> dict[str, Any]:
    return {
        "slack_signing_secret": SecretStr(config.signing_secret),
        "slack_client_id": config.client_id,
        "slack_client_secret": SecretStr(config.client_secret),
        "slack_api_url": f"{base_url}/api/",
        "public_url": APP_URL,
        "database_url": database_url,
        "encryption_keys": generate_key().get_secret_value(),
        "segment_api_url": f"{base_url}/segment/us",
        "segment_eu_api_url": f"{base_url}/segment/eu",
        "segment_config_api_url": f"{base_url}/segment/config/v1beta",
        "segment_cdn_url": f"{base_url}/segment/cdn",
        "segment_calls_per_minute": "100000",  # no story waits for its turn
        "csm_team_id": TOPLYNE.id,
        "csm_channel_id": CUSTOMERS,
        "poll_interval": "1d",
        "clock_url": f"{base_url}{CLOCK}",
        **changed,
    }


def among_neighbours(seconds: float) -> float:
    """How long the machine, as busy as it is, takes for what takes so long on an idle one."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    return seconds * min(max(busy, 1.0), MOST_BUSY)


async def soon(check: Any, seconds: float = NEVER_SO_LONG) -> Any:
    """Waits until `check` (sync or async) returns something true."""
    pause = SOONEST
    async with asyncio.timeout(seconds):
        while True:
            found = check()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(pause)
            pause = min(2 * pause, LATEST)
