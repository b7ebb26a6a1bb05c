"""How long another server asks to wait."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def named_wait(header: str) -> float | None:
    """The seconds in `Retry-After`: a number from Slack and Segment, or a date from a gateway.

    None if it is neither.
    """
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # the latter if a date has no zone
        return None
