"""Faults that the walk finds and that are not mended yet. Each entry says whose they are.

An entry that nothing matches any more is deleted; `make walk` counts how often each was met.
"""

import re

KNOWN: dict[str, str] = {}  # pattern and reason


def is_known(fault: str) -> str:
    """The reason, or nothing if the fault is new."""
    return next((why for pattern, why in KNOWN.items() if re.search(pattern, fault)), "")
