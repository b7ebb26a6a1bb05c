"""The page on which a person allows the installation, and the same walk without a browser."""

import html
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.installs import Consent, Installs
from playground.slack.model import User

AUTHORIZE = "/oauth/v2/authorize"
FORM_LIMIT = 100_000


@dataclass(frozen=True)
class InstallResult:
    """`status` and `page` are what the app showed last."""

    ok: bool
    status: int
    page: str


class ConsentPage:
    """`/oauth/v2/authorize` in a browser."""

    def __init__(self, core: Core, installs: Installs) -> None:
        self._core = core
        self._installs = installs

    def routes(self) -> list[Route]:
        return [
            Route(AUTHORIZE, self._ask, methods=["GET"]),
            Route(AUTHORIZE, self._answer, methods=["POST"]),
        ]

    async def _ask(self, request: Request) -> Response:
        query = dict(request.query_params)
        try:
            consent = self._installs.consent(query)
        except SlackError as error:
            return self._refusal(error)
        return HTMLResponse(self._page(consent, query))

    async def _answer(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body())[:FORM_LIMIT].decode(errors="replace")))
        try:
            consent = self._installs.consent(dict(request.query_params))
            user_id, _, org_wide = form.get("user", "").partition("/")
            user = self._core.state.users.get(user_id)
            if user is None or form.get("answer") != "allow":
                return RedirectResponse(consent.refused(), status_code=302)
            back = self._installs.allow(consent, user, org_wide=bool(org_wide))
            return RedirectResponse(back, status_code=302)
        except SlackError as error:
            return self._refusal(error)

    def _refusal(self, error: SlackError) -> Response:
        self._core.refused(AUTHORIZE, error)
        details = "; ".join(error.details)
        text = f"<h1>Slack refuses: {html.escape(error.error)}</h1><p>{html.escape(details)}</p>"
        return HTMLResponse(_framed(text), status_code=400)

    def _page(self, consent: Consent, query: dict[str, str]) -> str:
        name = html.escape(self._core.manifest.app_name)
        action = html.escape(f"{AUTHORIZE}?{urlencode(query)}")
        scopes = "".join(f"<li><code>{html.escape(s)}</code></li>" for s in consent.scopes)
        return _framed(
            f"<h1>{name} asks for permission</h1><ul>{scopes}</ul>"
            f'<form method="post" action="{action}">'
            f'<label>Install as <select name="user">{self._people(query)}</select></label> '
            '<button name="answer" value="cancel">Cancel</button> '
            '<button name="answer" value="allow">Allow</button></form>'
        )

    def _people(self, query: dict[str, str]) -> str:
        wanted = query.get("team")
        state = self._core.state
        options = [
            _option(user.id, f"{user.real_name} in {team.name}")
            for team in state.teams.values()
            for user in state.people(team.id)
            if user.is_admin and user.team_id == team.id and wanted in (None, "", team.id)
        ]
        if self._core.manifest.org_deploy_enabled and not wanted:
            options += self._org_admins()
        return "".join(options)

    def _org_admins(self) -> list[str]:
        """Who can install the app for a whole org. The value has a `/` to tell it apart."""
        state = self._core.state
        admins = [(u, state.enterprise_of(u.team_id)) for u in state.users.values()]
        return [
            _option(f"{user.id}/{org.id}", f"{user.real_name} for all of {org.name}")
            for user, org in admins
            if org is not None and user.is_org_admin
        ]


class InstallWalk:
    """Does what a browser does, from the app's install address to its last page."""

    def __init__(self, core: Core, installs: Installs) -> None:
        self._core = core
        self._installs = installs

    async def run(self, user: User, *, org_wide: bool = False) -> InstallResult:
        """Ends early, with a breach, if Slack would refuse to go on."""
        config = self._core.config
        browser = _Browser(self._core.link.http)
        # A link for one workspace names it. A person chooses an org on Slack's own page.
        chosen = "" if org_wide else "?" + urlencode({"team": user.team_id})
        start = await browser.get(f"{config.app_url.rstrip('/')}{config.install_path}{chosen}")
        target = start.headers.get("location") or _link_to_authorize(start.text)
        if not target:
            return InstallResult(False, start.status_code, start.text)
        parts = urlsplit(target)
        if f"{parts.scheme}://{parts.netloc}" != config.base_url.rstrip("/"):
            return self._stop(SlackError("wrong_authorize_url", target))
        try:
            consent = self._installs.consent(dict(parse_qsl(parts.query)))
            back = self._installs.allow(consent, user, org_wide=org_wide)
        except SlackError as error:
            return self._stop(error)
        end = await browser.get(self._core.manifest.on_app(back))
        done = self._is_installed(user, org_wide)
        return InstallResult(done and end.status_code < 400, end.status_code, end.text)

    def _is_installed(self, user: User, org_wide: bool) -> bool:
        org = self._core.state.enterprise_of(user.team_id) if org_wide else None
        installation = self._core.state.installations.get(org.id if org else user.team_id)
        return installation is not None and installation.active

    def _stop(self, error: SlackError) -> InstallResult:
        self._core.refused(AUTHORIZE, error)
        return InstallResult(False, 400, f"Slack refuses: {error.error} {'; '.join(error.details)}")


class _Browser:
    """Keeps cookies as a browser does on a loopback address, including Secure ones."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._cookies: dict[str, str] = {}

    async def get(self, url: str) -> httpx.Response:
        cookie = "; ".join(f"{k}={v}" for k, v in self._cookies.items())
        headers = {"cookie": cookie} if cookie else {}
        answer = await self._http.get(url, headers=headers, follow_redirects=False, timeout=30.0)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.split(";", 1)[0].partition("=")
            self._cookies[name.strip()] = value.strip()
        self._http.cookies.clear()
        return answer


def _link_to_authorize(page: str) -> str:
    found = re.search(r'href="([^"]*/oauth/v2/authorize\?[^"]*)"', page)
    return html.unescape(found.group(1)) if found else ""


def _option(value: str, shown: str) -> str:
    return f'<option value="{html.escape(value)}">{html.escape(shown)}</option>'


def _framed(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Install</title>'
        "<style>body{font-family:sans-serif;max-width:36rem;margin:4rem auto}</style>"
        f"<body>{body}</body></html>"
    )
