"""Reads the app's manifest as Slack does."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
}
ORG_EVENTS = frozenset({"team_access_granted", "team_access_revoked"})


@dataclass(frozen=True)
class Shortcut:
    name: str
    callback_id: str
    kind: str  # "global" or "message"


@dataclass(frozen=True)
class Command:
    command: str
    description: str
    usage_hint: str
    url: str
    should_escape: bool


class Manifest:
    """What the app declared. Addresses are returned on the app's own origin."""

    def __init__(self, raw: Mapping[str, Any], app_url: str) -> None:
        self.raw = raw
        self._app_url = app_url.rstrip("/")

    @property
    def app_name(self) -> str:
        return str(self._at("display_information", "name") or "App")

    @property
    def bot_name(self) -> str:
        return str(self._at("features", "bot_user", "display_name") or self.app_name)

    @cached_property
    def commands(self) -> dict[str, Command]:
        found = self._at("features", "slash_commands") or []
        return {c["command"]: self._command(c) for c in found}

    @cached_property
    def shortcuts(self) -> dict[str, Shortcut]:
        found = self._at("features", "shortcuts") or []
        items = (Shortcut(s["name"], s["callback_id"], s.get("type", "global")) for s in found)
        return {s.callback_id: s for s in items}

    @property
    def scopes(self) -> list[str]:
        return list(self._at("oauth_config", "scopes", "bot") or [])

    @property
    def all_scopes(self) -> list[str]:
        """All scopes, including those that an installation may leave out."""
        return [*self.scopes, *(self._at("oauth_config", "scopes", "bot_optional") or [])]

    @property
    def redirect_paths(self) -> list[str]:
        return [urlsplit(u).path for u in self._at("oauth_config", "redirect_urls") or []]

    @property
    def redirect_urls(self) -> list[str]:
        return [self.on_app(u) for u in self._at("oauth_config", "redirect_urls") or []]

    @property
    def events(self) -> frozenset[str]:
        return frozenset(self._at("settings", "event_subscriptions", "bot_events") or [])

    @property
    def events_url(self) -> str:
        return self.on_app(self._at("settings", "event_subscriptions", "request_url"))

    @property
    def interactivity_url(self) -> str:
        return self.on_app(self._at("settings", "interactivity", "request_url"))

    @property
    def options_url(self) -> str:
        return self.on_app(self._at("settings", "interactivity", "message_menu_options_url"))

    @property
    def socket_mode(self) -> bool:
        """Whether the app uses Socket Mode. Then nothing is posted, and no addresses are needed."""
        return bool(self._at("settings", "socket_mode_enabled"))

    @property
    def org_deploy_enabled(self) -> bool:
        """Whether Enterprise Grid admins may install the app for their whole org."""
        return bool(self._at("settings", "org_deploy_enabled"))

    @property
    def rotates_tokens(self) -> bool:
        """Whether bot tokens expire and are renewed."""
        return bool(self._at("settings", "token_rotation_enabled"))

    @property
    def home_enabled(self) -> bool:
        return bool(self._at("features", "app_home", "home_tab_enabled"))

    @property
    def people_can_write(self) -> bool:
        """Whether the messages tab is shown and not read-only."""
        shown = self._at("features", "app_home", "messages_tab_enabled")
        return bool(shown) and not self._at(
            "features", "app_home", "messages_tab_read_only_enabled"
        )

    def problems(self) -> list[str]:
        """What Slack would refuse and what could never work."""
        found = [f"{e} needs the scope {s}" for e, s in EVENT_SCOPES.items() if self._lacks(e, s)]
        if (self.commands or self.shortcuts) and "commands" not in self.scopes:
            found.append("commands and shortcuts need the scope commands")
        if self.events and not (self.events_url or self.socket_mode):
            found.append("events need a request_url")
        if self.shortcuts and not (self.interactivity_url or self.socket_mode):
            found.append("shortcuts need an interactivity request_url")
        if self._at("settings", "interactivity", "is_enabled") is False and self.interactivity_url:
            found.append("interactivity has a request_url but is switched off")
        if "app_home_opened" in self.events and not self.home_enabled:
            found.append("app_home_opened without a home tab")
        if self.events & ORG_EVENTS and not self.org_deploy_enabled:
            found.append("team_access events without org_deploy_enabled")
        if not self._at("features", "bot_user", "display_name"):
            found.append("a bot needs features.bot_user.display_name")
        return found + self._length_problems()

    def _lacks(self, event: str, scope: str) -> bool:
        return event in self.events and scope not in self.scopes

    def _length_problems(self) -> list[str]:
        texts = [("name", self.app_name, 35)]
        for command in self.commands.values():
            texts.append(("command", command.command, 32))
            texts.append((f"description of {command.command}", command.description, 2000))
            texts.append((f"usage hint of {command.command}", command.usage_hint, 1000))
        for shortcut in self.shortcuts.values():
            texts.append(("shortcut name", shortcut.name, 24))
            texts.append(("shortcut callback_id", shortcut.callback_id, 255))
        found = [f"{what} is longer than {most}" for what, text, most in texts if len(text) > most]
        return found + [f"{c} must start with /" for c in self.commands if not c.startswith("/")]

    def on_app(self, url: object) -> str:
        """The address with its origin replaced by the app's. Empty if there is no address."""
        if not url:
            return ""
        parts = urlsplit(str(url))
        return f"{self._app_url}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def _command(self, raw: Mapping[str, Any]) -> Command:
        return Command(
            raw["command"],
            raw.get("description", ""),
            raw.get("usage_hint", ""),
            self.on_app(raw.get("url")),
            bool(raw.get("should_escape")),
        )

    def _at(self, *path: str) -> Any:
        found: Any = self.raw
        for key in path:
            if not isinstance(found, Mapping):
                return None
            found = found.get(key)
        return found
