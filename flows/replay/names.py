"""Event names as people type them, and the names that Segment counted in the last 30 days."""

import re
from collections.abc import Iterable, Sequence

from flows.pasted import name, plain

_BETWEEN = re.compile(r"[,;|]")


def meant_names(typed: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """Each name as Segment knows it, without repeats; one that it does not know, cleaned.

    Case and kind of dash do not count. Names on one line are several where all of them are known.
    """
    spelled: dict[str, list[str]] = {}
    for each in known:
        spelled.setdefault(_folded(each), []).append(each)
    meant = (found for line in typed for found in _on_line(line, set(known), spelled))
    return tuple(dict.fromkeys(filter(None, meant)))


def _on_line(line: str, known: set[str], spelled: dict[str, list[str]]) -> list[str]:
    if line in known or line.strip() in known:
        return [line if line in known else line.strip()]
    whole = name(line)
    parts = list(filter(None, map(name, _BETWEEN.split(line))))
    several = len(parts) > 1 and all(_folded(part) in spelled for part in parts)
    if several and _folded(whole) not in spelled:
        return [_as_known(part, spelled) for part in parts]
    return [_as_known(whole, spelled)]


def _as_known(typed: str, spelled: dict[str, list[str]]) -> str:
    """The one spelling that Segment knows; as typed where it knows none, this one, or several."""
    found = spelled.get(_folded(typed), [])
    return found[0] if len(found) == 1 else typed


def unknown_names(names: Iterable[str], known: Sequence[str]) -> list[str]:
    """Names that did not come in the last 30 days; nothing where no names were counted."""
    return [each for each in names if each not in known] if known else []


def _folded(text: str) -> str:
    return name(plain(text)).casefold()
