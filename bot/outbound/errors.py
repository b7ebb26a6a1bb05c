"""What a failed call to Slack means. All of Slack's error names are classified here."""

from collections.abc import Iterator, Set
from contextlib import contextmanager
from enum import StrEnum

from aiohttp import ClientConnectorError, ClientError
from slack_sdk.errors import SlackApiError, SlackClientError, SlackObjectFormationError

from flows.clients.waits import named_wait

UNREACHABLE = (SlackClientError, ClientError, TimeoutError, OSError)
NO_ANSWER = "unreadable_answer"  # our own name for an answer that is none
# The SDK trusts that an answer is a JSON object. This is what it raises if it is something else.
ODD_ANSWER = (ValueError, TypeError, AttributeError, RecursionError)
LONGEST_RETRY_AFTER = 3600.0  # seconds, even if Slack asks for more


class ErrorClass(StrEnum):
    """What an error means for the failed call."""

    PASSING = "passing"  # it was not carried out, but may succeed later
    LIMITED = "limited"  # too many calls: it was not carried out, and Slack says how long to wait
    DOUBTFUL = "doubtful"  # nobody knows whether it was carried out
    STALE = "stale"  # its message can no longer be edited or answered
    NO_CHANNEL = "no_channel"  # the app cannot write there until somebody lets it in
    CLOSED = "closed"  # the place takes no such message until its admins allow it
    GONE = "gone"  # the person has left or takes no messages
    REVOKED = "revoked"  # the token is refused, perhaps for good: `bot.outbound.removal` finds out
    UNSCOPED = "unscoped"  # the app lacks a permission until an admin installs it again
    REFUSED = "refused"  # the call can never succeed


_NAMES: dict[ErrorClass, frozenset[str]] = {
    ErrorClass.PASSING: frozenset(
        {
            "service_unavailable",
            "team_added_to_org",
            "accesslimited",
            "access_limited",
            "external_channel_migrating",
        }
    ),
    ErrorClass.LIMITED: frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"}),
    # Slack documents that part of the work may have been done.
    ErrorClass.DOUBTFUL: frozenset({"internal_error", "fatal_error", "request_timeout"}),
    ErrorClass.STALE: frozenset(
        {
            "message_not_found",
            "cant_update_message",
            "edit_window_closed",
            "thread_not_found",
            "cannot_reply_to_message",
        }
    ),
    ErrorClass.NO_CHANNEL: frozenset(
        {"channel_not_found", "not_in_channel", "is_archived", "is_inactive"}
    ),
    ErrorClass.CLOSED: frozenset(
        {
            "channel_is_limited_access",
            "posting_to_channel_denied",
            "no_permission",
            "access_denied",
            "ekm_access_denied",
            "team_access_not_granted",
        }
    ),
    ErrorClass.GONE: frozenset(
        {
            "user_disabled",
            "user_not_found",
            "user_not_visible",
            "cannot_dm_bot",
            "messages_tab_disabled",
            "im_disabled",
        }
    ),
    ErrorClass.REVOKED: frozenset(
        {
            "token_revoked",
            "account_inactive",
            "app_uninstalled",
            "invalid_auth",
            "not_authed",
            "token_expired",
            "org_login_required",
        }
    ),
    ErrorClass.UNSCOPED: frozenset({"missing_scope"}),
}
PASSES = (ErrorClass.PASSING, ErrorClass.LIMITED, ErrorClass.DOUBTFUL)  # Slack may do it later
OF_A_PLACE = (ErrorClass.NO_CHANNEL, ErrorClass.CLOSED)
# Only these end an installation, because that erases everything. Every other refusal may pass.
FINAL = frozenset({"account_inactive", "app_uninstalled", "token_revoked"})
OUTDATED = FINAL | {"invalid_auth"}  # what Slack says of a token that a newer one has replaced
_RESTRICTED = "restricted_action"  # also with what is restricted behind it: CLOSED
_BY_NAME = {name: kind for kind, names in _NAMES.items() for name in names}


def class_of(error: BaseException) -> ErrorClass:
    """Classifies an error that is one of `UNREACHABLE`."""
    if isinstance(error, ClientConnectorError):
        return ErrorClass.PASSING  # no connection: nothing has left
    if isinstance(error, SlackObjectFormationError):
        return ErrorClass.REFUSED  # blocks beyond Slack's limits: they will be so tomorrow, too
    if not isinstance(error, SlackApiError):
        return ErrorClass.DOUBTFUL  # timeouts, cut connections
    if _status(error) == 429:
        return ErrorClass.LIMITED
    name = _slack_name(error)
    return class_of_name(name) if name else ErrorClass.DOUBTFUL  # a page instead of an answer


def class_of_name(name: str) -> ErrorClass:
    """Classifies what Slack refused by its name for the error."""
    if name.startswith(_RESTRICTED):
        return ErrorClass.CLOSED
    return _BY_NAME.get(name, ErrorClass.REFUSED)


def needed_scopes(error: BaseException) -> Set[str]:
    """The scopes that Slack says the refused call needs. Empty if it says nothing."""
    response = error.response if isinstance(error, SlackApiError) else {}
    return set(str(response.get("needed") or "").split(",")) - {""}


@contextmanager
def tolerated(*kinds: ErrorClass) -> Iterator[None]:
    """Passes over refusals of these kinds: what comes behind a block that returns is done then."""
    try:
        yield
    except SlackApiError as error:
        if class_of(error) not in kinds:
            raise


def error_name(error: BaseException) -> str:
    """Slack's name for the error, or else the exception's. Never a body."""
    if isinstance(error, SlackApiError):
        return _slack_name(error) or NO_ANSWER
    return type(error).__name__


def retry_after(error: BaseException) -> float | None:
    """Seconds that Slack asked us to wait. None if it did not."""
    headers = getattr(error.response, "headers", None) if isinstance(error, SlackApiError) else None
    named = next((v for k, v in (headers or {}).items() if k.lower() == "retry-after"), "")
    wait = named_wait(str(named))
    return None if wait is None else min(wait, LONGEST_RETRY_AFTER)


def names_team(answer: object) -> bool:
    """Whether `auth.test` says whose token it is: of an organisation too, if it is one's.

    https://docs.slack.dev/reference/methods/auth.test
    """
    if not isinstance(answer, dict):
        return False
    needed = ("team_id", "enterprise_id") if answer.get("is_enterprise_install") else ("team_id",)
    return all(answer.get(part) and isinstance(answer[part], str) for part in needed)


def _slack_name(error: SlackApiError) -> str:
    """Slack's error name. Empty if the answer is not Slack's: the SDK passes on anything."""
    answer = error.response
    data = answer if isinstance(answer, dict) else getattr(answer, "data", None)
    name = data.get("error") if isinstance(data, dict) else None
    return name if isinstance(name, str) else ""


def _status(error: SlackApiError) -> int:
    answer = error.response
    status = getattr(answer, "status_code", None) or getattr(answer, "status", None)
    return int(status or 200)
