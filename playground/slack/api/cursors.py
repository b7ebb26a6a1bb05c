"""Cursors: what says where the next page begins, in a form that apps cannot read."""

import base64

from playground.slack.breaches import SlackError


def cursor(label: str, place: object) -> str:
    return base64.b64encode(f"{label}:{place}".encode()).decode()


def begins(label: str, given: str, otherwise: float) -> float:
    """Where the page begins; `otherwise` without a cursor. Raises SlackError `invalid_cursor`."""
    if not given:
        return otherwise
    try:
        known, _, number = base64.b64decode(given, validate=True).decode().partition(":")
        if known == label:
            return float(number)
    except ValueError:
        pass
    raise SlackError("invalid_cursor")
