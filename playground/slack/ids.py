"""Identifiers that look like Slack's."""

import secrets
import string

_ALPHABET = string.ascii_uppercase + string.digits


def new_id(prefix: str) -> str:
    """An id such as `V0ABCDEFGH1`. The prefix says what it names."""
    return f"{prefix}0" + "".join(secrets.choice(_ALPHABET) for _ in range(9))


def new_token(*, expires: bool = False) -> str:
    parts = [str(secrets.randbelow(10**12)).zfill(12) for _ in range(2)]
    kind = ["xoxe.xoxb", "1"] if expires else ["xoxb"]
    return "-".join([*kind, *parts, secrets.token_urlsafe(18).replace("-", "0")])


def new_refresh_token() -> str:
    return "-".join(["xoxe", "1", secrets.token_urlsafe(48).replace("-", "0")])


def short_id() -> str:
    """What Slack fills in for a missing block_id or action_id."""
    return secrets.token_urlsafe(4)


class Timestamps:
    """Message timestamps: `seconds.microseconds`, strictly growing."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: float) -> str:
        self._last = max(self._last + 1, int(now * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"
