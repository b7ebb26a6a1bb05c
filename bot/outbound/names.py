"""Names as Slack sends them."""

import unicodedata


def plain_name(name: object) -> str:
    """Leaves out control characters and halves of surrogates, since no database takes them all."""
    text = name if isinstance(name, str) else ""
    return "".join(each for each in text if unicodedata.category(each) not in ("Cc", "Cs"))
