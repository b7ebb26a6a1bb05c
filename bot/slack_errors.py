"""What a failed call to Slack means: try again (when), or never again."""

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError

# Errors that pass by themselves; every other error name is Slack's last word.
_PASSING = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "ratelimited",
        "rate_limited",
        "team_added_to_org",
        "accesslimited",
    }
)
UNREACHABLE = (SlackClientError, ClientError, TimeoutError, OSError)


def error_name(error: BaseException) -> str:
    """Slack's name of the error, or what kept us from getting one; never a body."""
    if isinstance(error, SlackApiError):
        answer = error.response
        data = answer if isinstance(answer, dict) else answer.data
        if isinstance(data, dict) and isinstance(data.get("error"), str):
            return str(data["error"])
        return "unreadable_answer"
    return type(error).__name__


def retry_after(error: BaseException) -> float | None:
    """Seconds that Slack asked us to wait."""
    if not isinstance(error, SlackApiError) or isinstance(error.response, dict):
        return None
    headers = error.response.headers or {}
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), None)
    try:
        return min(float(value), 3600.0) if value is not None else None
    except ValueError:
        return None


def is_passing(error: BaseException) -> bool:
    """Whether the same call may succeed later."""
    if not isinstance(error, SlackApiError):
        return True  # timeouts, refused connections, cut answers
    if isinstance(error.response, dict):
        return error_name(error) in _PASSING
    status = error.response.status_code
    return status >= 500 or status == 429 or error_name(error) in {*_PASSING, "unreadable_answer"}
