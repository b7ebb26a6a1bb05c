"""The app's manifest for one server's address."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
_PLACEHOLDER = "https://example.com"


def render_manifest(url: str, *, socket_mode: bool = False) -> str:
    """Returns YAML to paste into Slack. `url` is the server's address without a trailing slash.

    In Socket Mode it may be empty: nobody installs the app by OAuth then.
    """
    text = MANIFEST.read_text(encoding="utf-8").replace(_PLACEHOLDER, url)
    manifest = yaml.safe_load(text)
    if socket_mode:
        _use_socket_mode(manifest)
    if not url:
        del manifest["oauth_config"]["redirect_urls"]
    return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=1000)


def bot_scopes() -> tuple[str, ...]:
    """The scopes that the app asks for when it is installed."""
    return tuple(_scopes()["bot"])


def optional_bot_scopes() -> tuple[str, ...]:
    """The scopes that the app asks for in addition in Toplyne's own Slack workspace."""
    return tuple(_scopes()["bot_optional"])


@cache
def _scopes() -> dict[str, list[str]]:
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    found: dict[str, list[str]] = manifest["oauth_config"]["scopes"]
    return found


def _use_socket_mode(manifest: dict[str, Any]) -> None:
    """Removes the request addresses: everything arrives over the socket, except an installation."""
    settings = manifest["settings"]
    settings["socket_mode_enabled"] = True
    del settings["event_subscriptions"]["request_url"]
    del settings["interactivity"]["request_url"]
    del settings["interactivity"]["message_menu_options_url"]
    for command in manifest["features"]["slash_commands"]:
        del command["url"]
