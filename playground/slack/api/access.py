"""auth.*, oauth.*, apps.*: tokens."""

from playground.slack.api.call import TIER_3, Call, Method
from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.installs import Installs
from playground.slack.model import Installation, Json
from playground.slack.state import State


class Access:
    """Gets, tests and revokes the bot token."""

    def __init__(self, core: Core, installs: Installs) -> None:
        self._core = core
        self._installs = installs

    def methods(self) -> dict[str, Method]:
        return {
            "api.test": Method(lambda _call: {}, (), ("error", "foo"), with_token=False),
            "auth.test": Method(self._test),
            "auth.revoke": Method(self._revoke, (), ("test",), per_minute=TIER_3),
            "apps.uninstall": Method(self._uninstall, ("client_id", "client_secret")),
            "apps.connections.open": Method(
                self._connect, with_token=False, with_app_token=True, per_minute=1_000
            ),
            "oauth.v2.access": Method(
                self._exchange,
                ("client_id", "client_secret"),
                ("code", "redirect_uri", "grant_type", "refresh_token"),
                with_token=False,
            ),
        }

    def _test(self, call: Call) -> Json:
        installation, state = call.installation, self._core.state
        org = state.enterprises.get(installation.enterprise_id)
        about = {"enterprise_id": org.id} if org else {}
        return (
            about
            | _place(installation, state)
            | {
                "user": state.users[installation.bot_user_id].name,
                "user_id": installation.bot_user_id,
                "bot_id": installation.bot_id,
                "is_enterprise_install": installation.is_enterprise_install,
            }
        )

    def _revoke(self, call: Call) -> Json:
        if call.flag("test"):
            return {"revoked": False}
        self._installs.uninstall(call.installation, revoked_only=True)
        return {"revoked": True}

    def _uninstall(self, call: Call) -> Json:
        self._installs.check_client(call.text("client_id"), call.text("client_secret"))
        self._installs.uninstall(call.installation)
        return {}

    def _connect(self, call: Call) -> Json:
        return self._core.sockets.open_connection(call.text("app_token"))

    def _exchange(self, call: Call) -> Json:
        self._installs.check_client(call.text("client_id"), call.text("client_secret"))
        match call.text("grant_type") or "authorization_code":
            case "authorization_code":
                return self._installs.exchange(call.text("code"), call.text("redirect_uri"))
            case "refresh_token":
                return self._installs.refresh(call.text("refresh_token"))
        raise SlackError("invalid_grant_type")


def _place(installation: Installation, state: State) -> Json:
    """An org's token answers with the org instead of a workspace."""
    if installation.is_enterprise_install:
        org = state.enterprises[installation.enterprise_id]
        url = f"https://{org.domain}.enterprise.slack.com/"
        return {"url": url, "team": org.name, "team_id": org.id}
    team = state.teams[installation.team_id]
    return {"url": f"https://{team.domain}.slack.com/", "team": team.name, "team_id": team.id}
