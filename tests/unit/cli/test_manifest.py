"""manifest.yml against Slack's schema and against the code."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.cli.manifest import MANIFEST, render_manifest
from bot.ids import Command, Shortcut

URL = "https://bot.example.org"
# Slack's own schemas are next to the project where it is developed. They are not ours to copy.
SCHEMAS = MANIFEST.parent.parent / "shared" / "slack" / "manifest-schemas"
SCHEMA_FILES = [SCHEMAS / f"manifest.schema.{version}.json" for version in ("1.0.0", "2.0.0")]


def manifest(**options: bool) -> dict[str, Any]:
    return yaml.safe_load(render_manifest(URL, **options))


@pytest.mark.parametrize("socket_mode", [False, True])
@pytest.mark.parametrize("schema", SCHEMA_FILES, ids=lambda path: path.name)
def test_slack_would_take_it(schema: Path, socket_mode: bool) -> None:
    if not schema.exists():
        pytest.skip("Slack's manifest schemas are not beside this checkout")
    jsonschema.validate(manifest(socket_mode=socket_mode), json.loads(schema.read_text()))


def test_the_address_stands_everywhere() -> None:
    text = render_manifest(URL)
    assert "example.com" not in text
    assert text.count(f"{URL}/slack/events") == 5
    assert manifest()["oauth_config"]["redirect_urls"] == [f"{URL}/slack/oauth_redirect"]
    assert "#" not in text.replace("#1f3b4d", "")


def test_over_a_socket_no_request_has_an_address() -> None:
    rendered = manifest(socket_mode=True)
    assert rendered["settings"]["socket_mode_enabled"] is True
    assert "/slack/events" not in json.dumps(rendered)


def test_over_a_socket_it_needs_no_address_at_all() -> None:
    without = yaml.safe_load(render_manifest("", socket_mode=True))
    assert "redirect_urls" not in without["oauth_config"]
    assert without["oauth_config"]["scopes"] == manifest()["oauth_config"]["scopes"]
    assert "example.com" not in json.dumps(without)
    assert CliRunner().invoke(cli, ["manifest", "--socket-mode"]).exit_code == 0
    refused = CliRunner().invoke(cli, ["manifest"])
    assert refused.exit_code == 2
    assert "--url" in refused.stderr


def test_only_what_is_needed_changes_for_the_socket() -> None:
    assert manifest()["settings"]["socket_mode_enabled"] is False
    assert manifest()["oauth_config"] == manifest(socket_mode=True)["oauth_config"]


def test_commands_and_shortcuts_are_those_of_the_code() -> None:
    features = manifest()["features"]
    assert [each["command"] for each in features["slash_commands"]] == list(Command)
    assert [each["callback_id"] for each in features["shortcuts"]] == list(Shortcut)


def test_scopes_and_events() -> None:
    rendered = manifest()
    assert set(rendered["oauth_config"]["scopes"]["bot"]) == {
        "commands", "chat:write", "users:read", "im:write", "im:history"
    }  # fmt: skip
    assert rendered["oauth_config"]["scopes"]["bot_optional"] == [
        "channels:read",
        "groups:read",
        "files:write",
    ]
    assert set(rendered["settings"]["event_subscriptions"]["bot_events"]) == {
        "app_home_opened", "app_uninstalled", "message.im", "tokens_revoked",
        "team_access_granted", "team_access_revoked",
    }  # fmt: skip
    assert rendered["settings"]["org_deploy_enabled"] is True
    assert rendered["settings"]["interactivity"]["message_menu_options_url"]


def test_lengths_that_the_schemas_do_not_know() -> None:
    rendered = manifest()
    shown = rendered["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert all(len(each["name"]) <= 24 for each in rendered["features"]["shortcuts"])
