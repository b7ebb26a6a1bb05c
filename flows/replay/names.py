"""Event names as people type them, and the names that Segment counted in the last 30 days."""

import re
from collections.abc import Iterable, Sequence

from flows.pasted import event_name, name, plain

_BETWEEN = re.compile(r"[,;|]")


def meant_names(typed: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """Each name as Segment knows it, without repeats; one that it does not know, cleaned.

    Case, kind of dash and a label do not count, and no full stop at the end. Names on one line are
    several where all of them are known.
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
    several = len(parts) > 1 and all(_found(part, spelled) for part in parts)
    if several and _folded(whole) not in spelled:
        return [_as_known(part, spelled) for part in parts]
    return [_as_known(whole, spelled)]


def _as_known(typed: str, spelled: dict[str, list[str]]) -> str:
    """The one spelling that Segment knows; as typed where it knows none, this one, or several."""
    found = _found(typed, spelled)
    if len(found) == 1:
        return found[0]
    is_heading = typed.endswith((":", "：")) or not any(map(str.isalnum, typed))
    return "" if spelled and is_heading else typed


def _found(typed: str, spelled: dict[str, list[str]]) -> list[str]:
    """The spellings of this name. What stands around it counts only if Segment knows it so."""
    meant = event_name(typed)
    forms = (typed, meant, meant.rstrip(".!"))
    return next(filter(None, (spelled.get(_folded(each)) for each in forms)), [])


def unknown_names(names: Iterable[str], known: Sequence[str]) -> list[str]:
    """Names that did not come in the last 30 days; nothing where no names were counted."""
    return [each for each in names if each not in known] if known else []


def _folded(text: str) -> str:
    return name(plain(text)).casefold()
