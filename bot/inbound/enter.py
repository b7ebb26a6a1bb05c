"""One-time pages below `/enter/`, on which people type what should not enter Slack.

Opening a page uses nothing up, so link previews do no harm. The page itself shows what failed. No
log line, exception or answer names the path.
"""

import hashlib
import hmac
import math
import secrets
import uuid
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from bot.inbound.dispatch import Pace
from bot.inbound.pages import full_page, is_same
from bot.logs import problem_of
from bot.strings import entry as strings
from bot.views.kit.wording import notice_text, wait_words
from bot.views.setup.entry import ENTER_PATH, Entry
from bot.views.setup.entry_page import CSRF, SECRET, SLUG, TOLD, entry_form, paragraphs
from flows.errors import (
    DirectoryUnavailable,
    ErrorCode,
    FieldError,
    NotFound,
    Repeated,
    RevisionConflict,
    StorageUnavailable,
    TooMany,
)
from flows.model import Screen
from flows.setup.entering import LINK_LIFETIME, Entering, LinkGone, Why
from flows.setup.permissions import NotAllowed, NotMember
from flows.setup.results import NoSetUp, Notice, Result, ShowProgress, ShowStep
from flows.vocabulary import Actor

MAX_FORM = 16_384  # bytes
MAX_FIELDS = 10
_SOMEBODY_WAS_FASTER = (
    Notice.CHANGED_MEANWHILE,
    Notice.ALREADY_DONE,
    Notice.OTHER_PLAN,
)
_log = structlog.get_logger(__name__)


class OddForm(Exception):
    """Not what our form sends."""


class EnterPages:
    """`GET` shows the form, `POST` checks what was typed."""

    def __init__(self, entering: Entering, pace: Pace, entry: Entry) -> None:
        self._entering = entering
        self._pace = pace
        self._address = urlsplit(entry.address)
        self._entry = entry

    async def handle(self, request: Request) -> Response:
        try:
            if request.method == "POST":
                return await self._submitted(request)
            return await self._opened(request)
        except Exception as error:  # noqa: BLE001 - the edge of the page
            return _failed(error)

    async def _opened(self, request: Request, said: str = "", status: int = 200) -> Response:
        shown = await self._entering.form(request.path_params["path"])
        if shown.notice:
            return self._answer(request, shown, shown.screen)
        return self._form(request, shown, status, said)

    async def _submitted(self, request: Request) -> Response:
        path = request.path_params["path"]
        form = await _read(request)
        begun = request.cookies.get(_cookie(path), "")
        if not begun or not is_same(_csrf(begun, path), form.get(CSRF, "")):
            return await self._opened(request, strings.AGAIN, 403)
        link, _ = await self._entering.opened(path)
        self._pace.require(Actor(link.tenant_id, link.team_id, link.user_id))
        result = await self._entering.submit(
            path, form.get(SECRET, ""), form.get(SLUG, ""), for_toplyne=bool(form.get(TOLD))
        )
        return self._answer(request, result, link.screen)

    def _answer(self, request: Request, result: Result, screen: Screen) -> Response:
        match result:
            case ShowStep(errors=(FieldError(code=ErrorCode.CHECK_RUNNING, params=params),)):
                following = strings.RUNNING_NEXT.format(wait=wait_words(int(params["wait"])))
                return _page(strings.RUNNING_TITLE, 409, strings.RUNNING, following)
            case ShowStep(errors=errors) if errors and result.screen is screen:
                return self._form(request, result, 422)
            case ShowStep(notice=notice) if notice in _SOMEBODY_WAS_FASTER:
                return _page(strings.NEWER_TITLE, 409, notice_text(notice), strings.NEWER)
            case ShowStep():
                return _done(result, screen)
            case ShowProgress():
                return _page(strings.LATER_TITLE, 200, strings.LATER, strings.BACK_TO_SLACK)
        return _gone(Why.OUTDATED)

    def _form(self, request: Request, shown: ShowStep, status: int, said: str = "") -> HTMLResponse:
        """Each browser gets a cookie, without which its form is not taken."""
        path = request.path_params["path"]
        begun = request.cookies.get(_cookie(path)) or secrets.token_urlsafe(16)
        html = entry_form(shown, _csrf(begun, path), self._entry, said)
        page = full_page(strings.TITLE[shown.screen], html, status)
        page.set_cookie(
            _cookie(path),
            begun,
            max_age=int(LINK_LIFETIME.total_seconds()),
            path=f"{self._address.path}{ENTER_PATH}",
            secure=self._address.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return page


def _cookie(path: str) -> str:
    """Each link has its own, so that two pages can be open."""
    return f"enter_{hashlib.sha256(path.encode()).hexdigest()[:16]}"


def _csrf(begun: str, path: str) -> str:
    return hmac.new(begun.encode(), path.encode(), hashlib.sha256).hexdigest()


async def _read(request: Request) -> Mapping[str, str]:
    """The fields of a small form. Raises `OddForm`."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise OddForm
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_FORM:
                raise OddForm
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except (ClientDisconnect, ValueError):  # the latter: no UTF-8, or too many fields
        raise OddForm from None


def _done(result: ShowStep, screen: Screen) -> Response:
    credentials = result.situation.integration.credentials
    said = strings.DONE[screen].format(workspace=credentials.workspace.label if credentials else "")
    if result.notice:
        said = notice_text(result.notice)
    return _page(strings.DONE_TITLE, 200, said, strings.BACK_TO_SLACK)


def _failed(error: Exception) -> Response:
    """Says what happened. The log gets the same reference."""
    reference = uuid.uuid4().hex[:8]
    match error:
        case LinkGone():
            return _gone(error.why)
        case Repeated():
            return _gone(Why.USED)
        case OddForm():
            return _page(strings.UNREADABLE_TITLE, 400, strings.UNREADABLE)
        case TooMany():
            wait = wait_words(math.ceil(error.wait))
            return _page(strings.BUSY_TITLE, 429, strings.TOO_MANY.format(wait=wait))
        case NotAllowed() | NotMember():
            _log.warning("not_allowed", reference=reference, error=type(error).__name__)
            return _page(strings.NOT_ALLOWED_TITLE, 403, strings.NOT_ALLOWED)
        case NoSetUp() | NotFound():
            return _gone(Why.OUTDATED)
        case StorageUnavailable() | DirectoryUnavailable() | RevisionConflict():
            _log.warning("unavailable", reference=reference, problem=problem_of(error))
            return _page(strings.BUSY_TITLE, 503, strings.BUSY.format(reference=reference))
    _log.error("page_failed", reference=reference, exc_info=error)
    return _page(strings.FAILED_TITLE, 500, strings.FAILED.format(reference=reference))


def _gone(why: Why) -> Response:
    status = 404 if why is Why.UNKNOWN else 410
    return _page(strings.GONE_TITLE[why], status, strings.GONE[why], strings.GONE_NEXT)


def _page(title: str, status: int, *texts: str) -> HTMLResponse:
    return full_page(title, paragraphs(*texts), status)
