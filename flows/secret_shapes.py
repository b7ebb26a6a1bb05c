"""Text that looks like a secret, so that it is not passed on. Shapes warn; they verify nothing."""

import re

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
_CONFIG_API_TOKEN = re.compile(r"[\w-]{43}\.[\w-]{43}", re.ASCII)
_MAYBE_WRITE_KEY = re.compile(r"[A-Za-z0-9]{16,40}")
_WRITE_KEY = re.compile(r"\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32}\b", re.ASCII)


def looks_like_token(text: str) -> bool:
    """Whether the text seems to contain an access token."""
    return bool(_TOKEN.search(text))


def looks_secret(text: str) -> bool:
    """Whether the text seems to contain a secret: an access token or a write key."""
    return looks_like_token(text) or bool(_WRITE_KEY.search(text))


def looks_like_config_api_token(text: str) -> bool:
    """Whether it is two 43-character parts with a dot between them (segment-facts, IDs)."""
    return bool(_CONFIG_API_TOKEN.fullmatch(text))


def may_be_write_key(text: str) -> bool:
    """Whether a source's write key could look like this. Only Segment knows whether it is one."""
    return bool(_MAYBE_WRITE_KEY.fullmatch(text))
