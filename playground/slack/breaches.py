"""Breaches: what the app did that Slack does not allow."""

from dataclasses import dataclass
from typing import Any

# Errors that an app can get without having done anything wrong.
CIRCUMSTANCES = frozenset(
    {
        "account_inactive",
        "bad_state",
        "channel_not_found",
        "code_already_used",
        "code_expired",
        "expired_trigger_id",
        "hash_conflict",
        "invalid_code",
        "is_archived",
        "message_not_found",
        "not_found",
        "not_in_channel",
        "ratelimited",
        "thread_not_found",
        "token_revoked",
        "user_disabled",
        "user_not_found",
    }
)


@dataclass(frozen=True)
class Breach:
    """One violation: when (playground clock), in which call, Slack's error name, details."""

    at: float
    where: str
    error: str
    detail: str


class SlackError(Exception):
    """A refusal: Slack's own error name, and what else the answer carries."""

    def __init__(self, error: str, *details: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.details = details
        self.extra = extra


class Refusal(SlackError):
    """A place or a person takes no messages now. The app has done nothing wrong."""


class Trespass(SlackError):
    """Answered as "does not exist", but recorded: the app confuses its customers."""
