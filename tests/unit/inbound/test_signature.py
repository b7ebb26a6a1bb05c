"""Our own check of Slack's signature says what the SDK's says."""

import time
from functools import partial
from typing import Any, cast

import pytest
from pydantic import SecretStr
from slack_sdk.signature import Clock, SignatureVerifier

from bot.inbound.asgi import BAD_SIGNATURE, OTHER_TIME, SlackEndpoint

SECRET, BODY = "shh" * 11, "text=ä&command=%2Fsegment".encode()
TIMES = {
    "now": ("{}", 0, True),
    "four minutes old": ("{}", -240, True),
    "six minutes old": ("{}", -360, False),
    "from the future": ("{}", 360, False),
    "none": ("", 0, False),
    "no number": ("soon", 0, False),
    "a fraction": ("{}.5", 0, False),
    "negative": ("-{}", 0, False),
    "another script's digits": ("\u0661\u0667", 0, False),
    "far too long": ("1" * 5000, 0, False),
}


@pytest.mark.parametrize("name", TIMES)
def test_a_signature_counts_for_five_minutes(name: str) -> None:
    form, seconds, counts = TIMES[name]
    at = form.format(int(time.time()) + seconds)
    verifier = SignatureVerifier(SECRET)
    signature = verifier.generate_signature(timestamp=at, body=BODY) or ""
    assert _is_signed(at, signature) is counts
    if at.isdigit() and at.isascii() and len(at) < 20:
        assert verifier.is_valid(BODY, at, signature) is counts


def test_no_other_signature_counts() -> None:
    at = str(int(time.time()))
    right = SignatureVerifier(SECRET, Clock()).generate_signature(timestamp=at, body=BODY) or ""
    others = [
        SignatureVerifier("another" * 5).generate_signature(timestamp=at, body=BODY) or "",
        SignatureVerifier(SECRET).generate_signature(timestamp=at, body=BODY + b"&") or "",
        SignatureVerifier(SECRET).generate_signature(timestamp=str(int(at) - 1), body=BODY) or "",
        *("", "v0=", right[3:], right[:-1], right + "0", right.upper(), "v0=ä"),
    ]
    assert _is_signed(at, right)
    assert not any(_is_signed(at, other) for other in others)


@pytest.mark.parametrize("seconds", [-360, 360])
def test_an_operator_can_tell_a_clock_from_a_secret(seconds: int) -> None:
    """A right signature of another time: one of the two clocks is wrong, not the secret."""
    at, now = str(int(time.time()) + seconds), str(int(time.time()))
    signed = partial(SignatureVerifier(SECRET).generate_signature, body=BODY)
    assert _problem(at, signed(timestamp=at) or "") == OTHER_TIME
    others = SignatureVerifier("another" * 5).generate_signature(timestamp=at, body=BODY) or ""
    assert _problem(at, others) == BAD_SIGNATURE
    assert _problem(now, signed(timestamp=now) or "") == ""


def _is_signed(at: str, signature: str) -> bool:
    return not _problem(at, signature)


def _problem(at: str, signature: str) -> str:
    endpoint = SlackEndpoint(cast("Any", None), SecretStr(SECRET), cast("Any", None))
    headers = {
        b"x-slack-request-timestamp": at.encode(),
        b"x-slack-signature": signature.encode(),
    }
    return endpoint._problem(headers, BODY)
