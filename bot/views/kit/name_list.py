"""Lists of names that stay readable even when they are long."""

from collections.abc import Iterable

from bot.strings import messages as strings
from bot.views.kit.text import name, size

NAMES_SHOWN = 5
ROOM = 800  # for one list; several of them fit into a section, whatever has to be escaped in them


def name_list(labels: Iterable[str], shown: int = NAMES_SHOWN) -> str:
    """The first names in mrkdwn, and how many more there are."""
    every = list(labels)
    return _counted([name(label) for label in every[:shown]], len(every), ", ")


def first_of(phrases: Iterable[str], between: str = ", ") -> str:
    """The first of these phrases, which are mrkdwn already, and how many more there are."""
    every = list(phrases)
    return _counted(every[:NAMES_SHOWN], len(every), between)


def _counted(phrases: list[str], count: int, between: str) -> str:
    """As many of these phrases as fit, but at least one, out of `count`."""
    while len(phrases) > 1 and size(between.join(phrases)) > ROOM:
        phrases.pop()
    words, rest = between.join(phrases), count - len(phrases)
    return strings.AND_MORE.format(names=words, count=rest) if rest else words
