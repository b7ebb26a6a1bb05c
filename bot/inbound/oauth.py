"""Installation by OAuth v2: the redirect to Slack, the way back, and the pages that people see."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from html import escape
from http import HTTPStatus
from typing import Literal, TypedDict
from urllib.parse import urlencode, urlsplit

import structlog
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.inbound.pages import HEADERS, is_same, own_page
from bot.outbound.clients import InstallationLookup
from bot.outbound.errors import ODD_ANSWER, UNREACHABLE, error_name
from bot.outbound.removal import Removal
from bot.outbound.token_rotation import read_access
from bot.strings import oauth as strings
from flows.csm.inviting import Inviting
from flows.errors import StorageUnavailable
from flows.installed import Installation
from flows.invitations import Invitation
from flows.ports import Clock, OAuthStates
from flows.setup.installations import Lifecycle

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
COOKIE = "connect_segment_install"
ENDED_WELL = "ended-"  # prefix of the cookie once this browser has finished its installation
ASKED_OWN = "own"  # what a state carries if the scopes of Toplyne's own workspace were asked for
COOKIE_LIFE = 600  # seconds, as long as a state works

_log = structlog.get_logger(__name__)


class CookieKind(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


class OAuth:
    """Two addresses: where an installation begins, and where Slack sends people back to.

    `scopes` are asked for; with True, those of Toplyne's own workspace too. `own_tenant` returns
    the tenant that answers there.
    """

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        client_id: str,
        client_secret: SecretStr,
        authorize_url: str,
        public_url: str,
        scopes: Callable[[bool], Sequence[str]],
        own_team_id: str,
        own_tenant: Callable[[], Awaitable[str]],
        states: OAuthStates,
        lifecycle: Lifecycle,
        removal: Removal,
        inviting: Inviting,
        installations: InstallationLookup,
        clock: Clock,
    ) -> None:
        self._client = client
        self._client_id = client_id
        self._client_secret = client_secret
        self._authorize_url = authorize_url
        self._install_uri = public_url.rstrip("/") + INSTALL_PATH
        self._redirect_uri = public_url.rstrip("/") + REDIRECT_PATH
        self._scopes = scopes
        self._own_team_id = own_team_id
        self._own_tenant = own_tenant
        self._states = states
        self._lifecycle = lifecycle
        self._removal = removal
        self._inviting = inviting
        self._installations = installations
        self._clock = clock

    async def handle_install(self, request: Request) -> Response:
        """Redirects to Slack. With Toplyne's own workspace as `?team=`, asks for more scopes; with
        `?invite=`, remembers who invited the customer.
        """
        carried = request.query_params.get("invite", "")
        if carried and self._inviting.read(carried) is None:
            return self._page(strings.UNINVITED_TITLE, strings.UNINVITED, 410)
        team_id = request.query_params.get("team", "")
        is_own = bool(team_id) and team_id == self._own_team_id
        state = self._states.issue(carried or (ASKED_OWN if is_own else ""))
        query = {
            "client_id": self._client_id,
            "scope": ",".join(self._scopes(is_own)),
            "user_scope": "",
            "redirect_uri": self._redirect_uri,
            "state": state,
            **({"team": team_id} if is_own and not await self._is_of_organisation() else {}),
        }
        answer = RedirectResponse(
            f"{self._authorize_url}?{urlencode(query)}", status_code=302, headers=HEADERS
        )
        answer.set_cookie(COOKIE, state, max_age=COOKIE_LIFE, **self._cookie())
        return answer

    async def _is_of_organisation(self) -> bool:
        """Whether Toplyne's workspace is reached by its organisation's installation, which Slack
        would not give new scopes if the link named the workspace.
        """
        with suppress(StorageUnavailable):
            return await self._own_tenant() != self._own_team_id
        return False

    async def handle_redirect(self, request: Request) -> Response:
        """Finishes an installation, but only in the browser that began it."""
        state, begun = request.query_params.get("state", ""), request.cookies.get(COOKIE, "")
        if state and is_same(f"{ENDED_WELL}{state}", begun):
            return own_page(strings.AGAIN_TITLE, strings.LOADED_AGAIN, 200)
        if not begun or not is_same(state, begun):
            return self._page(strings.ELSEWHERE_TITLE, strings.ELSEWHERE, 400)
        answer = await self._finish(request.query_params)
        if answer.status_code == HTTPStatus.OK:
            ended = f"{ENDED_WELL}{state}"
            answer.set_cookie(COOKIE, ended, max_age=COOKIE_LIFE, **self._cookie())
        else:
            answer.delete_cookie(COOKIE, **self._cookie())
        return answer

    def _cookie(self) -> CookieKind:
        """Keeps the cookie as narrow as possible. Slack's redirect is a top-level navigation."""
        address = urlsplit(self._redirect_uri)
        secure = address.scheme == "https"
        return {"path": address.path, "secure": secure, "httponly": True, "samesite": "lax"}

    async def _finish(self, query: QueryParams) -> Response:
        try:
            carried = await self._states.consume(query.get("state", ""))
        except StorageUnavailable:
            return self._page(strings.BUSY_TITLE, strings.BUSY, 503)
        if query.get("error") and carried is not None:
            return self._page(strings.CANCELLED_TITLE, strings.CANCELLED, 400)
        if carried is None or not query.get("code"):
            return self._page(strings.EXPIRED_TITLE, strings.EXPIRED, 400)
        return await self._install(query["code"], carried)

    async def _install(self, code: str, carried: str) -> Response:
        try:
            answer = await self._client.oauth_v2_access(
                client_id=self._client_id,
                client_secret=self._client_secret.get_secret_value(),
                code=code,
                redirect_uri=self._redirect_uri,
            )
            installation, token, refresh = read_access(answer.data, self._clock.now())
        except UNREACHABLE as error:
            _log.warning("oauth_failed", error=error_name(error))
            return self._page(strings.REFUSED_TITLE, strings.REFUSED, 502)
        except (KeyError, *ODD_ANSWER):
            _log.warning("oauth_failed", error="incomplete_answer")
            return self._page(strings.REFUSED_TITLE, strings.REFUSED, 502)
        try:
            await self._store(installation, token, refresh, self._inviting.read(carried))
            is_own = carried == ASKED_OWN or installation.tenant_id == await self._own_tenant()
        except StorageUnavailable:
            return self._page(strings.BUSY_TITLE, strings.BUSY, 503)
        self._installations.forget(installation.tenant_id)
        _log.info("installed", tenant_id=installation.tenant_id, team_id=installation.team_id)
        text = escape(_done(installation)) + self._lacking(installation, is_own=is_own)
        return own_page(strings.DONE_TITLE, text, 200)

    def _lacking(self, installation: Installation, *, is_own: bool) -> str:
        """Names the permissions that were asked for and not given, each with its reason."""
        lacking = [each for each in self._scopes(is_own) if each not in installation.scopes]
        if not lacking:
            return ""
        _log.warning("scopes_lacking", tenant_id=installation.tenant_id, count=len(lacking))
        named = "".join(
            f"<li><code>{escape(each)}</code>: {escape(strings.SCOPE_REASONS[each])}</li>"
            for each in lacking
        )
        own = f"?{urlencode({'team': self._own_team_id})}" if is_own else ""
        link = strings.AGAIN.format(address=escape(self._install_uri + own))
        return f"</p><p>{escape(strings.LACKING)}</p><ul>{named}</ul><p>{link}"

    async def _store(
        self,
        installation: Installation,
        token: SecretStr,
        refresh: SecretStr | None,
        invitation: Invitation | None,
    ) -> None:
        await self._removal.settle(installation.tenant_id)
        if invitation is None:
            await self._lifecycle.install(installation, token, refresh)
            return
        account, owner = invitation.account, invitation.owner
        installation = replace(installation, account=account, invited_by=owner)
        await self._lifecycle.install(installation, token, refresh)
        await self._inviting.followed(invitation)

    def _page(self, title: str, text: str, status: int) -> HTMLResponse:
        """Makes a page with a link to begin again."""
        link = strings.AGAIN.format(address=escape(self._install_uri))
        return own_page(title, f"{escape(text)}</p><p>{link}", status)


def _done(installation: Installation) -> str:
    """What comes next, with the name of the Slack workspace or organisation if Slack told one."""
    team = installation.team_name
    if installation.is_enterprise_install:
        return strings.DONE_ORGANISATION.format(team=team or strings.UNNAMED_ORGANISATION)
    return strings.DONE.format(slack=strings.SLACK_OF.format(team=team) if team else strings.SLACK)
