"""What is asked: seven kinds of requests, each with what shows that the work was done."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

SECRET = "bench" * 7  # as long as Slack's at least
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
TEAMS = 50  # whose people ask in turn

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    body: bytes
    content_type: str = FORM


@dataclass(frozen=True, slots=True)
class Row:
    """`call` is the method of Slack's that must have been called once for each request, with at
    least `least` bytes; `answered` must stand in each answer.
    """

    name: str
    request: Callable[[int], Request]
    call: str = ""
    least: int = 0
    answered: bytes = b""
    statuses: tuple[int, ...] = (200,)
    not_by: tuple[str, ...] = ()  # contenders whose names begin so


def team_id(number: int) -> str:
    return f"T{number % TEAMS:04}"


def _command(number: int, command: str, text: str) -> Request:
    form = {
        "token": "verification",
        "command": command,
        "text": text,
        "team_id": team_id(number),
        "team_domain": "acme",
        "user_id": "U1",
        "user_name": "ada",
        "channel_id": "C1",
        "channel_name": "general",
        "trigger_id": f"1.{number}.abc",
        "response_url": "http://127.0.0.1:9/response",
        "api_app_id": "A1",
        "is_enterprise_install": "false",
    }
    return Request(urlencode(form).encode())


def _interaction(number: int, kind: str, rest: Mapping[str, Any]) -> Request:
    team = team_id(number)
    payload = {
        "type": kind,
        "team": {"id": team, "domain": "acme"},
        "user": {"id": "U1", "username": "ada", "name": "ada", "team_id": team},
        "api_app_id": "A1",
        "token": "verification",
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": f"1.{number}.abc",
        **rest,
    }
    return Request(urlencode({"payload": json.dumps(payload)}).encode())


def _event(number: int, event: Mapping[str, Any]) -> Request:
    team = team_id(number)
    body = {
        "token": "verification",
        "team_id": team,
        "api_app_id": "A1",
        "type": "event_callback",
        "event_id": f"Ev{number}",
        "event_time": 1_700_000_000,
        "authorizations": [{"team_id": team, "user_id": "U0BOT", "is_bot": True}],
        "event": {"user": "U1", "channel": "D1", "event_ts": "1.000100", **event},
    }
    return Request(json.dumps(body).encode(), JSON)


def _view(screen: Json, number: int, callback_id: str) -> Json:
    """As Slack sends it back: what was drawn, and ids."""
    team = team_id(number)
    metadata = json.dumps({"i": f"int_{team}", "r": 0}, separators=(",", ":"))
    return {
        **screen,
        "id": f"V{number}",
        "team_id": team,
        "app_installed_team_id": team,
        "callback_id": callback_id,
        "private_metadata": metadata,
        "hash": "1.abcdefgh",
        "root_view_id": f"V{number}",
    }


def rows(live_sync: Json, credentials: Json) -> tuple[Row, ...]:
    """Of the two screens that people press in, as the product draws them."""

    def back(number: int) -> Request:
        view = {**_view(live_sync, number, "setup_live_sync"), "state": {"values": {}}}
        action = {
            "type": "button", "action_id": "go_to", "block_id": "b1",
            "value": "sources", "action_ts": "1.0",
        }  # fmt: skip
        container = {"type": "view", "view_id": view["id"]}
        return _interaction(
            number, "block_actions", {"view": view, "container": container, "actions": [action]}
        )

    def wrong_token(number: int) -> Request:
        view = _view(credentials, number, "setup_credentials")
        typed = {"type": "plain_text_input", "value": "what is this"}
        view["state"] = {"values": {"field_token": {"input_token": typed}}}
        return _interaction(number, "view_submission", {"view": view, "response_urls": []})

    return (
        Row("/segment", lambda n: _command(n, "/segment", ""), "views.open", 1800),
        Row("/segment status", lambda n: _command(n, "/segment", "status"), answered=b'"blocks"'),
        Row("a button", back, "views.update", 1500),
        Row("a submission with field errors", wrong_token, answered=b'"errors"'),
        # Of several people in turn: who looks twice in one moment is shown one Home.
        Row(
            "Home",
            lambda n: _event(n, HOME | {"user": f"U{n // TEAMS % 8}"}),
            "views.publish",
            1500,
        ),
        Row("an event", lambda n: _event(n, MESSAGE)),
        # bolt-js lets three seconds pass before it says that nobody listens.
        Row(
            "unknown",
            lambda n: _command(n, "/other", ""),
            statuses=(200, 404),
            not_by=("bolt-js",),
        ),
    )


HOME = {"type": "app_home_opened", "tab": "home"}
MESSAGE = {"type": "message", "channel_type": "im", "text": "hello", "ts": "1.000100"}
