"""Installs the app in a workspace or an org, and uninstalls it."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.events import Events
from playground.slack.ids import new_id, new_refresh_token, new_token
from playground.slack.model import Installation, Json, User
from playground.slack.presence import arrive, depart

CODE_LIFE = 600.0
CODES_KEPT = 500


@dataclass
class Code:
    """What somebody allowed. `given_uri` is the redirect_uri that the app named, if any."""

    user: User
    scopes: list[str]
    given_uri: str
    born: float
    org_wide: bool = False
    used: bool = False


@dataclass(frozen=True)
class Consent:
    """A valid request for authorization that waits for a person's answer."""

    scopes: list[str]
    redirect_uri: str
    given_uri: str
    state: str

    def refused(self) -> str:
        return self._back({"error": "access_denied"})

    def allowed(self, code: str) -> str:
        return self._back({"code": code})

    def _back(self, answer: dict[str, str]) -> str:
        separator = "&" if "?" in self.redirect_uri else "?"
        return self.redirect_uri + separator + urlencode(answer | {"state": self.state})


class Installs:
    """OAuth v2 without user scopes."""

    def __init__(self, core: Core, events: Events) -> None:
        self._core = core
        self._events = events
        self._codes: OrderedDict[str, Code] = OrderedDict()

    def consent(self, query: dict[str, str]) -> Consent:
        """Check what the app asks for. Refusals carry Slack's error names."""
        manifest = self._core.manifest
        if query.get("client_id") != self._core.config.client_id:
            raise SlackError("invalid_client_id")
        if query.get("user_scope"):
            raise SlackError("invalid_scope", "the manifest declares no user scopes")
        scopes = [s for s in query.get("scope", "").split(",") if s]
        unknown = sorted(set(scopes) - set(manifest.all_scopes))
        if unknown or not scopes:
            raise SlackError("invalid_scope", f"not in the manifest: {unknown}")
        if not query.get("state"):
            raise SlackError("missing_state", "without a state anybody can finish the installation")
        given = query.get("redirect_uri", "")
        if not manifest.redirect_paths:
            raise SlackError("bad_redirect_uri", "the manifest declares no redirect_urls")
        if given and urlsplit(given).path not in manifest.redirect_paths:
            raise SlackError("bad_redirect_uri", given)
        return Consent(scopes, given or manifest.redirect_urls[0], given, query["state"])

    def allow(self, consent: Consent, user: User, *, org_wide: bool = False) -> str:
        """The address to which the browser is sent back, with a new code in it.

        Slack offers an org only apps that are ready for orgs, so `org_not_offered` is our own name.
        """
        if org_wide and not self._core.manifest.org_deploy_enabled:
            raise SlackError("org_not_offered", "the manifest has no org_deploy_enabled")
        if not (user.is_org_admin if org_wide else user.is_admin):
            return consent.refused()
        code = f"{secrets.randbelow(10**13)}.{secrets.token_hex(24)}"
        born = time.monotonic()
        self._codes[code] = Code(user, consent.scopes, consent.given_uri, born, org_wide)
        while len(self._codes) > CODES_KEPT:
            self._codes.popitem(last=False)
        return consent.allowed(code)

    def exchange(self, code: str, redirect_uri: str) -> Json:
        """`oauth.v2.access` after somebody allowed the installation."""
        known = self._codes.get(code)
        if known is None:
            raise SlackError("invalid_code")
        if known.used:
            raise SlackError("code_already_used")
        if time.monotonic() - known.born > CODE_LIFE:
            raise SlackError("code_expired")
        if redirect_uri != known.given_uri:
            raise SlackError("bad_redirect_uri", redirect_uri or "none given")
        known.used = True
        return self._granted(self._installed(known)) | {"authed_user": {"id": known.user.id}}

    def refresh(self, refresh_token: str) -> Json:
        """`oauth.v2.access` with what renews a token. It works once."""
        for installation in self._core.state.installations.values():
            if (
                installation.active
                and refresh_token
                and refresh_token == installation.refresh_token
            ):
                self._new_tokens(installation)
                return self._granted(installation)
        raise SlackError("invalid_refresh_token")

    def _granted(self, installation: Installation) -> Json:
        expiring = {
            "refresh_token": installation.refresh_token,
            "expires_in": int(self._core.config.token_life),
        }
        team = self._core.state.teams.get(installation.team_id)
        org = self._core.state.enterprises.get(installation.enterprise_id)
        return {
            "app_id": self._core.config.app_id,
            "scope": ",".join(installation.scopes),
            "token_type": "bot",
            "access_token": installation.token,
            "bot_user_id": installation.bot_user_id,
            "team": {"id": team.id, "name": team.name} if team else None,
            "enterprise": {"id": org.id, "name": org.name} if org else None,
            "is_enterprise_install": installation.is_enterprise_install,
            **(expiring if installation.refresh_token else {}),
        }

    def check_client(self, client_id: str, client_secret: str) -> None:
        if client_id != self._core.config.client_id:
            raise SlackError("invalid_client_id")
        expected = self._core.config.client_secret.encode()
        if not secrets.compare_digest(client_secret.encode(), expected):
            raise SlackError("bad_client_secret")

    def seed(self, installer: User, *, org_wide: bool = False) -> Installation:
        """Install without OAuth, as from an app’s settings page, with the optional scopes."""
        return self._installed(Code(installer, self._core.manifest.all_scopes, "", 0.0, org_wide))

    def uninstall(self, installation: Installation, *, revoked_only: bool = False) -> None:
        """Revoke the token and tell the app. Slack promises no order of the two events."""
        installation.active = False
        error = "token_revoked" if revoked_only else "account_inactive"
        self._core.state.dead_tokens |= dict.fromkeys(installation.tokens, error)
        revoked = {"oauth": [], "bot": [installation.bot_user_id]}
        event = {"type": "tokens_revoked", "tokens": revoked}
        self._events.emit(installation, "tokens_revoked", event)
        self._events.emit(installation, "app_uninstalled", {"type": "app_uninstalled"})
        depart(self._core, installation)
        installation.granted = []

    def _installed(self, code: Code) -> Installation:
        state, installation = self._core.state, self._place(code)
        if installation.active:
            state.dead_tokens |= dict.fromkeys(installation.tokens, "token_revoked")
        # Scopes accumulate while the app stays installed.
        kept = installation.scopes if installation.active else []
        installation.scopes = list(dict.fromkeys([*kept, *code.scopes]))
        installation.expiring, installation.installer = {}, code.user.id
        self._new_tokens(installation)
        installation.active = True
        arrive(self._core, installation, installation.team_id)
        return installation

    def _new_tokens(self, installation: Installation) -> None:
        rotates, now = self._core.manifest.rotates_tokens, self._core.clock.now()
        installation.token = new_token(expires=rotates)
        installation.refresh_token = new_refresh_token() if rotates else ""
        if rotates:
            installation.expiring[installation.token] = now + self._core.config.token_life

    def _place(self, code: Code) -> Installation:
        """The existing installation, or a new one that is not active yet."""
        state = self._core.state
        team_id = "" if code.org_wide else code.user.team_id
        org = state.enterprise_of(code.user.team_id)
        enterprise_id = org.id if org else ""
        known = state.installations.get(team_id or enterprise_id)
        if known is None:
            bot = self._new_bot(team_id or enterprise_id)
            known = Installation(team_id, bot.id, new_id("B"), [], "", code.user.id, active=False)
            known.enterprise_id = enterprise_id
            state.installations[known.id] = known
        return known

    def _new_bot(self, app_team_id: str) -> User:
        name = self._core.manifest.bot_name
        bot = User(new_id("U"), app_team_id, name.lower().replace(" ", "_"), name, is_bot=True)
        self._core.state.users[bot.id] = bot
        return bot
