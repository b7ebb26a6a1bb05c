"""Text that looks like a secret, so that it is not passed on. Shapes warn; they verify nothing."""

import re

from flows.errors import ErrorCode, Field, FieldError
from flows.pasted import plain

# Tokens of Segment's Public API, of Slack, and of the Config API (two parts of 43 characters).
_TOKEN = re.compile(
    r"\bsgp_[A-Za-z0-9]{20,}"
    r"|\bxox[a-z]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}"
    r"|(?<![\w-])[\w-]{43}\.[\w-]{43}(?![\w-])"
    # Older tokens have no prefix. They are long and more mixed than names of events or companies.
    r"|(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{40,}(?![\w-])"
    r"|(?<![\w-])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{40,}(?![\w-])",
    re.ASCII,  # letters of other alphabets may touch a token
)
# The same with blanks in them, as a wrapped line has: so few digits do not stand in prose.
_WRAPPED = re.compile(
    r"(?:sgp_|xox[a-z]-|xapp-)(?=(?:[A-Za-z-]*\d){4})[A-Za-z0-9-]{40,}", re.IGNORECASE | re.ASCII
)
# The beginning of Slack's tokens: https://docs.slack.dev/authentication/tokens
SLACK_TOKEN = re.compile(r"(?:xoxe\.)?(?:xox[a-z]-|xapp-|xwfp-).{10,}", re.IGNORECASE)
_PRIVATE_KEY = re.compile(r"--BEGIN[A-Z0-9]*PRIVATEKEY", re.IGNORECASE)
_SIGNING_SECRET = re.compile(r"whsec_(?=(?:[A-Za-z+/]*\d){2})[A-Za-z0-9+/]{20,}", re.IGNORECASE)
# Some write keys have 22 characters, as IDs have: what they are called tells them apart.
_LABELLED_WRITE_KEY = re.compile(
    r"write[\s_-]{0,3}key\W{0,8}(?:is\W{1,8})?(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}",
    re.IGNORECASE | re.ASCII,
)
_CONFIG_API_TOKEN = re.compile(r"[\w-]{43}\.[\w-]{43}", re.ASCII)
_ID = re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,64}")
_MAYBE_WRITE_KEY = re.compile(r"[A-Za-z0-9]{22}|[A-Za-z0-9]{32}")  # segment-facts, IDs
_WRITE_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32}(?![A-Za-z0-9])", re.ASCII
)
# Some random texts have no digit: 4 of 1,000 write keys, 1 of 1,000 old tokens. Capitals stand in
# them as in no name, several together in more than one place.
_LETTERS = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{32,}(?![A-Za-z0-9])", re.ASCII)
_CAPITALS, _RISE = re.compile(r"[A-Z]{2,}"), re.compile(r"[a-z][A-Z]")
_WHOLE_TOKEN = re.compile(
    r"(?<![\w.-])(?:sgp_[A-Za-z0-9]{64}|[\w-]{43}\.[\w-]{43})(?![\w-]|\.\w)", re.ASCII
)


def looks_like_token(text: str) -> bool:
    """Whether an access token seems to stand somewhere in this text, hidden characters or not."""
    seen = plain(text)
    return bool(_TOKEN.search(seen) or _WRAPPED.search("".join(seen.split())))


def looks_secret(text: str) -> bool:
    """Whether anything that should not be passed on seems to stand in it, keys included."""
    seen = plain(text)
    compact = "".join(seen.split())
    return (
        looks_like_token(seen)
        or any(each.search(seen) for each in (_WRITE_KEY, _LABELLED_WRITE_KEY))
        or any(map(_is_random, _LETTERS.findall(seen)))
        or any(each.search(compact) for each in (_SIGNING_SECRET, _PRIVATE_KEY))
    )


def check_text(
    field: Field, text: str, limit: int, *, required: bool = False
) -> tuple[FieldError, ...]:
    """What is wrong with text that is passed on: it must hold no secret and not be too long."""
    if required and not text:
        return (FieldError(field, ErrorCode.REQUIRED),)
    if looks_secret(text):
        return (FieldError(field, ErrorCode.LOOKS_SECRET),)
    if len(text) > limit:
        return (FieldError(field, ErrorCode.TOO_LONG, {"limit": str(limit)}),)
    return ()


def _is_random(letters: str) -> bool:
    return len(_CAPITALS.findall(letters)) > 1 and len(_RISE.findall(letters)) > 1


def whole_token(text: str) -> str:
    """The only token of Segment's usual shapes in this text, even on two lines; else empty."""
    seen = plain(text)
    unwrapped = re.sub(r"\s*\n\s*", "", seen)
    found = {*_WHOLE_TOKEN.findall(seen), *_WHOLE_TOKEN.findall(unwrapped)}
    return found.pop() if len(found) == 1 else ""


def looks_like_config_api_token(text: str) -> bool:
    """Whether it is two 43-character parts with a dot between them (segment-facts, IDs)."""
    return bool(_CONFIG_API_TOKEN.fullmatch(text))


def may_be_write_key(text: str) -> bool:
    """Whether a source's write key could look like this. Only Segment knows whether it is one."""
    return bool(_MAYBE_WRITE_KEY.fullmatch(text))


def looks_like_id(text: str) -> bool:
    """Letters and digits as random as those of an ID or a key, and as no word is."""
    return bool(_ID.fullmatch(text))
