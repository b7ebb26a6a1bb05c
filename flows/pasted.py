"""What people paste, without what stands around it: one cleaning for every field.

Nothing here knows which value is right: that is asked of Segment. Each function leaves a bare value
as it is, and its own result, too.
"""

import re
import unicodedata
from collections.abc import Callable

Fits = Callable[[str], bool]

MAX_LOOKED_THROUGH = 4_000  # characters; no input of Slack takes as many

# They are seen as nothing or as a blank although Unicode counts them among letters and marks.
_UNSEEN = frozenset("\u034f\u180b\u180c\u180d\ufe0e\ufe0f")
_SEEN_AS_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_OVERRIDES = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_QUOTING = frozenset({"Ps", "Pe", "Pi", "Pf", "So", "Sk"})  # brackets, quotes, symbols, accents
_AROUND = frozenset("\"'`,;|<>()[]{}*^!?:•·‣⁃、，；：…")
_BULLET = re.compile(r"(?:[-+#>]+|\(?(?:\d{1,3}|[A-Za-z])[.)])\s+")
_NAMED = re.compile(r"[^:=：]*[:=：](?=.*\w)", re.DOTALL)
_LABEL_WORDS = r"(?:(?:my|our|the|segment|workspace|source|write|access|api|public)[\s_-]*)*"
_LABEL = re.compile(_LABEL_WORDS + r"(?:slug|ids?|key|token|bearer)(?:\s+is)?", re.IGNORECASE)
_LABELLED = re.compile(rf"{_LABEL.pattern}\s+(?=\S)", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\n,;|、，；]+")
_ADDRESS = re.compile(
    r"(?:https?://)?(?<![\w.-])(?:[\w-]+\.)*segment\.(?:com|io)(?P<path>/[^\s\"'`<>|,;()\[\]]*)?",
    re.IGNORECASE | re.ASCII,
)
_PAIRS = {
    '"': '"', "'": "'", "`": "`", "“": "”", "„": "“", "‘": "’", "‚": "‘", "«": "»", "»": "«",
    "‹": "›", "「": "」", "(": ")", "[": "]", "<": ">", "{": "}", "*": "*",
}  # fmt: skip
_FENCE = re.compile(r"^`{3,}|`{3,}$")
_ITEM = re.compile(r"(?:[-–—>*+•·‣⁃◦▪●✅✔✓]\s+|[•‣⁃◦▪●]|\(?\d{1,3}[.)]\s+|\([a-z]\)\s+)(?=\S)")
_ACCOUNT = re.compile(
    r"(?:(?:toplyne\s+)?(?:account|customer|company|client)(?:\s+name)?\s*[:=：]\s*)+(?=\S)",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"(?:export\s+)?[\"']?(?:track(?:ed)?\s+)?(?:[\w-]*event\w*(?:\s+names?)?|names?|track)"
    r"[\"'*]?\s*[:=：]\s*(?=\S)",
    re.IGNORECASE,
)
_TICKET = re.compile(
    r"(?:(?:(?:my|our|the|segment|support)\s+)*(?:ticket|request|case|number|no|nr|id)[\s_-]*)*"
    r"(?:is\b)?[\s:=：.#]*(?=\S*\d)",
    re.IGNORECASE,
)
_TRAILING = " ,;|、，；"


def visible(text: str) -> str:
    """Without characters that nobody sees; every blank is a space, every line break a newline."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_seen, text.replace("\r\n", "\n")))


def _seen(character: str) -> str:
    if character in _BREAKS:
        return "\n"
    if character.isspace() or character in _SEEN_AS_BLANK:
        return " "
    hidden = character in _UNSEEN or unicodedata.category(character) in ("Cf", "Cc")
    return "" if hidden else character


def one_line(text: str) -> str:
    """The text on one line, without control characters and direction overrides.

    So a name that somebody else chose cannot look like lines of ours.
    """
    return text if text.isprintable() else "".join(map(_on_one_line, text))


def _on_one_line(character: str) -> str:
    if character in _BREAKS or character == "\t":
        return " "
    is_odd = character in _OVERRIDES or unicodedata.category(character) in ("Cc", "Cs")
    return "" if is_odd else character


def plain(text: str) -> str:
    """The text with every kind of hyphen and dash as the one on a keyboard."""
    seen = visible(text)
    if seen.isascii():
        return seen
    dashes = (c == "\u2212" or unicodedata.category(c) == "Pd" for c in seen)
    return "".join("-" if dash else c for c, dash in zip(seen, dashes, strict=True))


def bare(text: str) -> str:
    """One value without quotes, brackets, bullets, labels, `NAME=`, `Bearer` and full stops."""
    text = plain(text)[:MAX_LOOKED_THROUGH]
    while (barer := _undressed(text)) != text:
        text = barer
    return text


def _undressed(text: str) -> str:
    text = _stripped(text)
    for dressing in (_BULLET, _NAMED, _LABELLED):
        if found := dressing.match(text):
            text = text[found.end() :]
    return text.rstrip(".")


def _stripped(text: str) -> str:
    start, end = 0, len(text)
    while start < end and (_is_around(text[start]) or text[start] == "="):
        start += 1
    while end > start and _is_around(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_around(character: str) -> bool:
    if character.isascii():
        return character.isspace() or character in _AROUND
    return character in _AROUND or unicodedata.category(character) in _QUOTING


def alone(text: str, fits: Fits) -> str:
    """The bare value; among plain words, the only one that fits."""
    return _among_words(plain(text), fits) or _among_words(bare(text), fits) or bare(text)


def _among_words(text: str, fits: Fits) -> str:
    words = list(dict.fromkeys(filter(None, map(bare, text.split()))))
    fitting = [word for word in words if fits(word)]
    others = (word for word in words if word not in fitting)
    return fitting[0] if len(fitting) == 1 and all(map(str.isalpha, others)) else ""


def listed(text: str, fits: Fits) -> list[str]:
    """The values of a list, whatever separates, numbers or labels them; without repeats."""
    items = filter(str.strip, _SEPARATORS.split(plain(text)))
    values = (alone(item, fits) for item in items if not _is_heading(item))
    return list(dict.fromkeys(bare(word) for value in values for word in value.split()))


def _is_heading(item: str) -> bool:
    """Whether this only says what follows: "Source ID", or anything that ends with a colon."""
    item = item.strip()
    return item[-1] in ":=：" or (" " in item and bool(_LABEL.fullmatch(bare(item))))


def address_path(text: str) -> list[str] | None:
    """The parts of the path of the address in Segment's app that stands in this text, if any."""
    found = _ADDRESS.search(plain(text)[:MAX_LOOKED_THROUGH])
    if found is None:
        return None
    path = re.split(r"[?#]", found["path"] or "")[0].rstrip(".")
    return [part for part in path.split("/") if part]


def strange_sign(text: str, allowed: str) -> str:
    """The first character that such a value never has; empty where there is none."""
    return next((sign for sign in text if sign not in allowed), "")


def name(text: str) -> str:
    """A name of several words on one line, without a bullet, and quotes around all of it."""
    text = " ".join(visible(text).split())
    while (barer := _unquoted(text)) != text:
        text = barer
    return text


def account_name(text: str) -> str:
    """The name of a customer's account, without a label either."""
    return _without(_ACCOUNT, text)


def event_name(text: str) -> str:
    """The name of an event, without a label either."""
    return _without(_EVENT, text)


def ticket_number(text: str) -> str:
    """The number of a ticket, without "Ticket #", and out of an address that ends with it."""
    while (barer := _without(_TICKET, text).rstrip(".)")) != text:
        text = barer
    path = re.split(r"[?#]", text)[0].rstrip("/")
    return path.rpartition("/")[2] if "://" in path and path[-1].isdigit() else text


def written(text: str) -> str:
    """What somebody wrote for somebody else, as it is; empty where nobody could see anything."""
    return text.strip() if visible(text).strip() else ""


def _without(label: re.Pattern[str], text: str) -> str:
    text = name(text)
    while (found := label.match(text)) and found.end():
        text = name(text[found.end() :])
    return text


def _unquoted(text: str) -> str:
    text = _FENCE.sub("", text.strip(_TRAILING)).strip()
    if found := _ITEM.match(text):
        text = text[found.end() :]
    closing = _PAIRS.get(text[:1])
    if closing and text.endswith((f"{closing}.", f"{text[0]}.")):
        text = text[:-1]
    inner = text[1:-1].strip()
    quoted = closing and len(text) > 1 and text[-1] in (closing, text[0])
    return inner if quoted and inner and not {closing, text[0]} & set(inner) else text
