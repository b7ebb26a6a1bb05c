"""How long another server asks to wait."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def named_wait(header: str) -> float | None:
    """`Retry-After` in seconds, whether it is a number, as Slack and Segment send it, or a date, as
    gateways may. None if it is neither.
    """
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # the latter if a date has no zone
        return None
