"""Names as Slack sends them."""

import unicodedata

from flows.vocabulary import SEEN


def plain_name(name: object) -> str:
    """Leaves out control characters and halves of surrogates, since no database takes them all.
    Every blank is a space, a line break too.
    """
    text = name if isinstance(name, str) else ""
    return "".join(
        " " if each.isspace() else each
        for each in text
        if each.isspace() or unicodedata.category(each) not in ("Cc", "Cs")
    )


def first_seen(*names: object) -> str:
    """The first of these names that somebody can see; empty if there is none."""
    return next((each for each in map(plain_name, names) if SEEN.search(each)), "")
