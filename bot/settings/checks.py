"""Checks of settings that hold others' ids, tokens and keys, and where to get each value.

A check refuses only what certainly is something else. `bot check` tells whether a value works.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import TypeVar

from pydantic import SecretStr

_APP = "your app's page on https://api.slack.com/apps"
HOW_TO_GET: Mapping[str, str] = {
    "SLACK_SIGNING_SECRET": f"copy it from {_APP}, Basic Information, App Credentials.",
    "SLACK_BOT_TOKEN": (
        f"for one workspace copy the token from {_APP}, OAuth & Permissions; for many set "
        "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET instead. Exactly one of the two."
    ),
    "SLACK_CLIENT_ID": f"copy it from {_APP}, Basic Information, App Credentials.",
    "SLACK_CLIENT_SECRET": f"copy it from {_APP}, Basic Information, App Credentials.",
    "SLACK_APP_TOKEN": (
        f"make one on {_APP}, Basic Information, App-Level Tokens, with the scope "
        "connections:write; it starts with xapp-."
    ),
    "SLACK_API_URL": "leave it out for Slack's own, https://slack.com/api/.",
    "PUBLIC_URL": (
        "set it to the https address under which people reach this server; installing the app "
        "in a workspace leads back to it, and pages to enter secrets on are there."
    ),
    "DATABASE_URL": "leave it out for a file in var/, or point it at a PostgreSQL database.",
    "ENCRYPTION_KEYS": "make a key with `python -m bot generate-key` and keep it safe.",
    "SEGMENT_API_URL": "leave it out for Segment's own.",
    "SEGMENT_EU_API_URL": "leave it out for Segment's own.",
    "SEGMENT_CONFIG_API_URL": "leave it out for Segment's own.",
    "SEGMENT_CDN_URL": "leave it out for Segment's own.",
    "SEGMENT_CALLS_PER_MINUTE": "use a number like 600, or leave it out.",
    "CSM_TEAM_ID": (
        "copy the ID that starts with T from the address of that workspace in a browser."
    ),
    "CSM_CHANNEL_ID": (
        "copy the ID that starts with C from the channel's details in Slack, or leave it out and "
        "type `/segment-csm here` in the channel."
    ),
    "TOPLYNE_WEBHOOK_URL": "ask Toplyne for the address, or leave it and its secret out.",
    "TOPLYNE_WEBHOOK_SECRET": "ask Toplyne for the secret that starts with whsec_.",
    "TOPLYNE_PUBLIC_KEY": (
        "ask Toplyne for its public key as a JWK, RSA or EC, for encryption, or leave it out."
    ),
    "CREDENTIALS_ENTRY": "use modal, page or both, or leave it out.",
    "METRICS_PORT": "use a free port like 9000, or leave it out to serve no metrics.",
    "METRICS_HOST": "use an address of this machine, or leave it out for this machine alone.",
    "LOG_LEVEL": "use DEBUG, INFO, WARNING or ERROR.",
    "LOG_FORMAT": "use json or console.",
    "REMINDER_DELAYS": "use durations like 1d,3d,7d,14d, or leave it out.",
    "REMINDER_HOURS": "use hours like 10:00-16:00, or always.",
    "QUIET_DATES": "use days like 12-24/01-01,05-01, or none.",
    "KEEP_FINISHED": "write a duration like 180d, 1d or 12h; 36500d keeps everything.",
    "POLL_INTERVAL": "use a duration like 15m.",
    "CLOCK_URL": "leave it out.",
}


Word = TypeVar("Word", str | None, SecretStr | None)

SECRET_LENGTH = 32  # of Slack's signing secrets
# In either alphabet of base64, as Fernet takes them. It ignores what stands behind a key.
KEY = re.compile(r"[A-Za-z0-9_+/-]{43}=")
FEWEST_BYTES = 12  # different ones in a key; of 32 random bytes, 30 are


def parse_word(value: Word) -> Word:
    """Checks an id, token or secret of Slack's: letters, digits and signs, without a space."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value or "-"
    if re.search("[\"']", text):  # as `docker run --env-file` leaves them
        raise ValueError("holds quotes: write it without them")
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("holds a space, a line break or a sign that Slack uses in none")
    return value


def parse_signing_secret(value: SecretStr | None) -> SecretStr | None:
    text = value.get_secret_value() if value else ""
    if text.startswith(("xox", "xapp-")):
        raise ValueError("is a token, not the secret that Slack signs with")
    if value and len(text) < SECRET_LENGTH:
        raise ValueError(f"is shorter than Slack's, which has {SECRET_LENGTH} characters")
    return value


def parse_bot_token(value: SecretStr | None) -> SecretStr | None:
    if value and value.get_secret_value().startswith(("xapp-", "xoxp-")):
        raise ValueError("is another kind of token than a bot's, which starts with xoxb-")
    if value and value.get_secret_value().startswith("xoxe"):
        raise ValueError("expires after twelve hours: token rotation needs SLACK_CLIENT_ID")
    return value


def parse_app_token(value: SecretStr | None) -> SecretStr | None:
    if value and not value.get_secret_value().startswith("xapp-"):
        raise ValueError("is not an app-level token")
    return value


def parse_team_id(value: str | None) -> str | None:
    return _slack_id(value, "TE", "a workspace")


def parse_channel_id(value: str | None) -> str | None:
    return _slack_id(value, "CG", "a channel")


def _slack_id(value: str | None, initials: str, what: str) -> str | None:
    if value and not re.fullmatch(rf"[{initials}][A-Z0-9]+", value):
        raise ValueError(f"is not the ID of {what}")
    return value


def parse_encryption_keys(text: str) -> tuple[SecretStr, ...]:
    """Parses Fernet keys separated by commas. The first one encrypts."""
    keys = [part.strip() for part in text.split(",")]
    for position, key in enumerate(keys, start=1):
        if not KEY.fullmatch(key):
            raise ValueError(
                f"has something at place {position} that is not a key, or not one alone: keys are "
                "separated by commas, without quotes"
            )
        if len(set(base64.urlsafe_b64decode(key))) < FEWEST_BYTES:
            raise ValueError(f"has a key at place {position} that anybody could guess")
    return tuple(SecretStr(key) for key in keys)


def parse_webhook_secret(value: SecretStr | None) -> SecretStr | None:
    """Checks the format of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64."""
    if value is None:
        return None
    prefix, _, encoded = value.get_secret_value().rpartition("_")
    try:
        size = len(base64.b64decode(encoded, validate=True))
    except binascii.Error:
        size = 0
    if prefix != "whsec" or not 24 <= size <= 64:
        raise ValueError("is not a webhook secret")
    return value


def parse_public_key(text: str | None) -> str | None:
    """Checks for a JWK without its private part, to which secrets can be encrypted."""
    if text is not None:
        from bot.settings.public_key import PublicKey  # slow to import, and few settings need it

        PublicKey(text)
    return text
