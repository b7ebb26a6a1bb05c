"""Each way in which a call to Slack can fail, and what follows."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientConnectorError, ClientPayloadError, ServerDisconnectedError
from aiohttp.client_reqrep import ConnectionKey
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.outbound.channel_watch import place_of
from bot.outbound.errors import UNREACHABLE, ErrorClass, class_of, error_name, retry_after
from flows.csm.facts import Place

CLASSES = {
    "service_unavailable": ErrorClass.PASSING,
    "ratelimited": ErrorClass.LIMITED,
    "internal_error": ErrorClass.DOUBTFUL,
    "fatal_error": ErrorClass.DOUBTFUL,
    "message_not_found": ErrorClass.STALE,
    "edit_window_closed": ErrorClass.STALE,
    "cant_update_message": ErrorClass.STALE,
    "channel_not_found": ErrorClass.NO_CHANNEL,
    "not_in_channel": ErrorClass.NO_CHANNEL,
    "is_archived": ErrorClass.NO_CHANNEL,
    "is_inactive": ErrorClass.NO_CHANNEL,
    "restricted_action": ErrorClass.CLOSED,
    "restricted_action_read_only_channel": ErrorClass.CLOSED,
    "restricted_action_of_tomorrow": ErrorClass.CLOSED,
    "channel_is_limited_access": ErrorClass.CLOSED,
    "no_permission": ErrorClass.CLOSED,
    "ekm_access_denied": ErrorClass.CLOSED,
    "team_access_not_granted": ErrorClass.CLOSED,
    "user_disabled": ErrorClass.GONE,
    "messages_tab_disabled": ErrorClass.GONE,
    "token_revoked": ErrorClass.REVOKED,
    "account_inactive": ErrorClass.REVOKED,
    "app_uninstalled": ErrorClass.REVOKED,
    "invalid_auth": ErrorClass.REVOKED,
    "missing_scope": ErrorClass.UNSCOPED,
    "invalid_blocks": ErrorClass.REFUSED,
    "an_error_of_tomorrow": ErrorClass.REFUSED,
}


def answered(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.test/api/chat.postMessage",
        req_args={},
        data=data,
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("refused", response)


@pytest.mark.parametrize(("name", "kind"), CLASSES.items())
def test_an_error_that_slack_names(name: str, kind: ErrorClass) -> None:
    error = answered({"ok": False, "error": name})
    assert (error_name(error), class_of(error)) == (name, kind)


@pytest.mark.parametrize("data", [{}, "upstream error", {"ok": False}, {"error": 7}])
@pytest.mark.parametrize("status", [200, 500, 502, 503])
def test_a_page_in_place_of_an_answer_leaves_doubt(data: Any, status: int) -> None:
    error = answered(data, status)
    assert (error_name(error), class_of(error)) == ("unreadable_answer", ErrorClass.DOUBTFUL)


def test_an_answer_that_only_claims_to_be_json_leaves_doubt() -> None:
    """The SDK then returns the HTTP library's own response."""
    error = SlackApiError("unexpected", SimpleNamespace(status=500, headers={}))  # type: ignore[arg-type]
    assert (error_name(error), class_of(error)) == ("unreadable_answer", ErrorClass.DOUBTFUL)


@pytest.mark.parametrize("data", [{"ok": False, "error": "ratelimited"}, {}, "slow down"])
def test_a_limit_is_known_by_its_status(data: Any) -> None:
    error = answered(data, 429, {"Retry-After": "7"})
    assert (class_of(error), retry_after(error)) == (ErrorClass.LIMITED, 7.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"RETRY-AFTER": "9e9"}, 3600.0),
        ({"retry-after": "inf"}, 3600.0),
        ({"retry-after": "nan"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "Mon, 07 Dec 2099 15:00:00 GMT"}, 3600.0),
        ({"retry-after": "Mon, 07 Dec 2020 15:00:00 GMT"}, 0.0),
    ],
)
def test_what_slack_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(answered({}, 429, headers)) == seconds


def test_without_a_connection_nothing_has_left() -> None:
    key = ConnectionKey("slack.test", 443, True, None, None, None, None)
    error = ClientConnectorError(key, OSError("refused"))
    assert isinstance(error, UNREACHABLE)
    assert class_of(error) is ErrorClass.PASSING


@pytest.mark.parametrize("error", [TimeoutError(), ServerDisconnectedError(), ClientPayloadError()])
def test_a_connection_that_broke_leaves_doubt(error: Exception) -> None:
    assert isinstance(error, UNREACHABLE)
    assert (class_of(error), retry_after(error)) == (ErrorClass.DOUBTFUL, None)
    assert error_name(error) == type(error).__name__


@pytest.mark.parametrize(
    ("needed", "place"),
    [
        ("channels:read", Place.UNTOLD),
        ("groups:read", Place.UNTOLD),
        ("channels:read,groups:read,mpim:read,im:read", Place.UNTOLD),
        ("mpim:read", Place.DIRECT),
        ("", Place.UNTOLD),
    ],
)
async def test_what_slack_does_not_tell_is_about_a_channel_or_a_conversation(
    needed: str, place: Place
) -> None:
    class Slack:
        async def conversations_info(self, channel: str) -> None:
            assert channel == "C1"
            raise answered({"ok": False, "error": "missing_scope", "needed": needed})

    assert await place_of(cast("Any", Slack()), "C1") is place
    assert await place_of(cast("Any", Slack()), "D1") is Place.DIRECT
