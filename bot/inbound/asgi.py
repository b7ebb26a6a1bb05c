"""The ASGI app around the bot: requests over HTTP, or over sockets that we opened.

`POST /slack/events` is plain ASGI, and signatures and shapes are checked first. No framework stands
around it: it would cost a quarter of a whole answer (docs/performance.md).
"""

import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from enum import Enum, auto

import structlog
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from bot.app import Bot, running
from bot.inbound.dispatch import Dispatch
from bot.inbound.http import Probe, UnderName, handle_healthz, metrics_app, readyz
from bot.inbound.oauth import INSTALL_PATH, REDIRECT_PATH
from bot.inbound.payloads import Malformed, parse_body
from bot.inbound.serving import Drain, listening
from bot.inbound.socket_mode import SocketMode
from bot.metrics import Metrics
from bot.settings import Settings
from bot.views.setup.entry import ENTER_PATH
from flows.checks.run import USUAL_POLICY, CheckPolicy

EVENTS_PATH = "/slack/events"
MAX_BODY = 1_000_000  # bytes; a view is 250 kB at most
RECENT, DIGITS = 300, 12  # seconds for which a signature counts; of the time in it
BAD_SIGNATURE, OTHER_TIME = "invalid signature", "clock differs"
SSL_CHECK = b"ssl_check=1"  # Slack tries the certificate, perhaps unsigned. Nothing is done for it
MOST_AT_WORK = 1000  # requests; above that 503, and Slack tries again
TEXT = "text/plain; charset=utf-8"
_log = structlog.get_logger(__name__)

Headers = Mapping[bytes, bytes]
HttpAnswer = tuple[int, str, str]  # status, body, content type


class Transport(Enum):
    """How Slack's requests reach this process."""

    HTTP = auto()
    SOCKET = auto()
    NOTHING = auto()  # background work alone


def build_asgi(
    settings: Settings,
    *,
    worker: bool = True,
    check_policy: CheckPolicy = USUAL_POLICY,
    transport: Transport = Transport.HTTP,
    drain: Drain | None = None,
) -> "App":
    """The ASGI app: nothing is opened before its lifespan starts, all is closed when it ends."""
    drain = drain or Drain()

    @asynccontextmanager
    async def lifespan(app: "App") -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            bot = await stack.enter_async_context(
                running(settings, worker=worker, check_policy=check_policy)
            )
            app.state.bot = bot
            probes: list[Probe] = [bot.problem]
            if transport is Transport.SOCKET:
                probes.append(await _open_sockets(bot, settings, stack))
            app.router.routes.append(Route("/readyz", readyz(drain, probes)))
            if settings.metrics_port:
                shown = metrics_app(bot.metrics, bot.count)
                address = settings.metrics_host, settings.metrics_port
                await stack.enter_async_context(listening(shown, *address))
            if transport is Transport.HTTP:
                app.take_requests(bot, settings)
            if transport is not Transport.NOTHING:
                app.take_people(bot, settings)
            _log.info("started", worker=worker)
            yield

    app = App(routes=[Route("/healthz", handle_healthz)], lifespan=lifespan)
    app.router.redirect_slashes = False
    return app


class SlackEndpoint:
    """401 for a bad signature, 400 for what Slack would not send."""

    def __init__(self, dispatch: Dispatch, signing_secret: SecretStr, metrics: Metrics) -> None:
        self._dispatch = dispatch
        self._secret = signing_secret.get_secret_value().encode()
        self._metrics = metrics
        self._at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            answer: HttpAnswer = (405, "Method Not Allowed", TEXT)
        else:
            answer = await self._answer(dict(scope["headers"]), receive)
        status, text, content_type = answer
        body = text.encode()
        headers = [
            (b"content-type", content_type.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, headers: Headers, receive: Receive) -> HttpAnswer:
        try:
            body = await _read(receive)
        except _Gone:
            return self._refuse("gone", 400)
        if body is None:
            return self._refuse("too large", 413)
        if problem := self._problem(headers, body):
            if SSL_CHECK in body.split(b"&"):
                return 200, "", TEXT
            return self._refuse(problem, 401)
        try:
            kind, payload = parse_body(body, headers.get(b"content-type", b"").decode("latin-1"))
        except Malformed as error:
            return self._refuse(str(error), 400)
        if self._at_work >= MOST_AT_WORK:
            return self._refuse("busy", 503)
        self._at_work += 1
        began, status = time.perf_counter(), 500
        try:
            request = hashlib.sha256(headers[b"x-slack-signature"]).hexdigest()
            response = await self._dispatch.answer(kind, payload, request)
            status = response.status
        finally:
            self._at_work -= 1
            self._metrics.answered(kind, status, began)
        return response.status, response.body, response.headers["content-type"][0]

    def _refuse(self, why: str, status: int) -> HttpAnswer:
        _log.warning("request_refused", problem=why, status=status)
        self._metrics.refused(status)
        return status, why, TEXT

    def _problem(self, headers: Headers, body: bytes) -> str:
        """What keeps it from being Slack's own of this moment. Empty when nothing does.

        https://docs.slack.dev/authentication/verifying-requests-from-slack
        """
        timestamp = headers.get(b"x-slack-request-timestamp", b"")
        if not timestamp.isdigit() or len(timestamp) > DIGITS:
            return BAD_SIGNATURE
        signed = hmac.digest(self._secret, b"v0:%b:%b" % (timestamp, body), "sha256")
        signature = headers.get(b"x-slack-signature", b"")
        if not hmac.compare_digest(b"v0=" + signed.hex().encode(), signature):
            return BAD_SIGNATURE
        return OTHER_TIME if abs(time.time() - int(timestamp)) > RECENT else ""


class _Gone(Exception):
    """Whoever asked has hung up."""


async def _read(receive: Receive) -> bytes | None:
    """The raw body; None when it is too large. Raises `_Gone`."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        more = message.get("more_body", False)
    return body


class App(Starlette):
    """Slack's requests reach their endpoint without routes and middlewares in between."""

    slack: SlackEndpoint | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.slack and scope["type"] == "http" and scope["path"] == EVENTS_PATH:
            await self.slack(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What keeps the process from starting, or from ending well, is logged as all else is.

        Starlette hands the server a traceback as text, with whatever stands in its messages.
        """

        async def pass_on(message: Message) -> None:
            await send({"type": message["type"]})

        try:
            await super().__call__(scope, receive, pass_on)
        except Exception:
            _log.exception("process_failed")
            raise

    def take_requests(self, bot: Bot, settings: Settings) -> None:
        if settings.slack_signing_secret:
            self.slack = SlackEndpoint(bot.dispatch, settings.slack_signing_secret, bot.metrics)

    def take_people(self, bot: Bot, settings: Settings) -> None:
        """Serves the pages for people under our public name. Another `Host` finds none."""
        pages: list[Route] = []
        if bot.oauth:
            pages.append(Route(INSTALL_PATH, bot.oauth.handle_install))
            pages.append(Route(REDIRECT_PATH, bot.oauth.handle_redirect))
        if bot.pages:
            handle = bot.pages.handle
            pages.append(Route(ENTER_PATH + "{path}", handle, methods=["GET", "POST"]))
        if pages and settings.public_url:
            under = UnderName(settings.public_url, Router(pages, redirect_slashes=False))
            self.router.routes.append(under)


async def _open_sockets(bot: Bot, settings: Settings, stack: AsyncExitStack) -> Probe:
    """Opens the sockets. Returns a probe that says whether they are connected."""
    if settings.slack_app_token is None:
        raise ValueError("Socket Mode needs SLACK_APP_TOKEN")
    sockets = SocketMode(bot.dispatch, bot.slack, settings.slack_app_token, bot.metrics)
    sockets.start()
    stack.push_async_callback(sockets.stop)

    async def problem() -> str:
        return "" if sockets.connected else "not connected to Slack"

    return problem
