"""Faults that the walk finds and that are not mended yet. Each entry says whose they are.

An entry that nothing matches any more is deleted; `make walk` counts how often each was met.
"""

import re

KNOWN: dict[str, str] = {
    r"integration_gone.*message_given_up|message_given_up.*integration_gone": (
        "issue 14, 1.3: who writes to the app in Toplyne's own workspace gets no answer"
    ),
}


def is_known(fault: str) -> str:
    """The reason, or nothing if the fault is new."""
    return next((why for pattern, why in KNOWN.items() if re.search(pattern, fault)), "")
