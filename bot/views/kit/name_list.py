"""Lists of names that stay readable even when they are long."""

from collections.abc import Iterable

from bot.strings import messages as strings
from bot.views.kit.text import name

NAMES_SHOWN = 5


def name_list(labels: Iterable[str], shown: int = NAMES_SHOWN) -> str:
    """The first names in mrkdwn, and how many more there are."""
    return first_of((name(label) for label in labels), shown=shown)


def first_of(phrases: Iterable[str], between: str = ", ", shown: int = NAMES_SHOWN) -> str:
    """The first of these phrases, which are mrkdwn already, and how many more there are."""
    every = list(phrases)
    named, rest = between.join(every[:shown]), len(every) - shown
    return strings.AND_MORE.format(names=named, count=rest) if rest > 0 else named
