"""What looks like a secret in the middle of a text, and what must not."""

import random
import secrets
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flows.secret_shapes import (
    looks_like_config_api_token,
    looks_like_token,
    looks_secret,
    may_be_write_key,
)

ALPHABET = string.ascii_letters + string.digits
WORDS = st.text(alphabet=" .,:;!?'\"()<>*`=/\n\täöüトк", max_size=30)


def mixed(length: int) -> st.SearchStrategy[str]:
    """Random letters and digits. A token has at least a capital, a small letter and a digit."""
    return st.text(alphabet=ALPHABET, min_size=length, max_size=length).filter(
        lambda text: (
            any(c.isdigit() for c in text)
            and any(c.islower() for c in text)
            and any(c.isupper() for c in text)
        )
    )


TOKENS = st.one_of(
    mixed(64).map("sgp_{}".format),
    mixed(64),
    st.tuples(mixed(43), mixed(43)).map(".".join),
    mixed(24).map("xoxb-1234567890-{}".format),
    mixed(40).map("xapp-1-{}".format),
)


@given(token=TOKENS, before=WORDS, after=WORDS)
def test_a_token_is_seen_among_other_words(token: str, before: str, after: str) -> None:
    assert looks_like_token(before + token + after)
    assert looks_secret(before + token + after)


@given(key=mixed(32), before=WORDS, after=WORDS)
def test_a_write_key_is_a_secret_and_no_token(key: str, before: str, after: str) -> None:
    assert looks_secret(before + key + after)
    assert not looks_like_token(key)
    assert may_be_write_key(key)


@pytest.mark.parametrize("length", [32, 40])
def test_a_random_text_without_a_digit_is_a_secret(length: int) -> None:
    """It cannot be told from a name for certain."""
    chance = random.Random(1)  # noqa: S311 - no real secret
    texts = ["".join(chance.choices(string.ascii_letters, k=length)) for _ in range(1000)]
    seen = [text for text in texts if looks_secret(f"My key is _{text}_, is it not?")]
    assert len(seen) > 900


@pytest.mark.parametrize("shape", ["_{}_", "*{}*", "`{}`", "<{}>", "token={}", "\u201c{}\u201d"])
def test_marks_around_a_token_do_not_hide_it(shape: str) -> None:
    token = "sgp_" + "".join(secrets.choice(ALPHABET) for _ in range(62)) + "a1"
    assert looks_like_token(shape.format(token))
    assert looks_like_token(shape.format(token.capitalize())), "as a phone's keyboard writes it"


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\u00ad", "\u2060", "\ufeff", " ", "\u00a0", "\n", "\r\n  "]
)
def test_what_nobody_sees_does_not_hide_a_token(hidden: str) -> None:
    token = "sgp_" + secrets.token_hex(32)
    broken = hidden.join((token[:4], token[4:11], token[11:30], token[30:]))
    assert looks_like_token(f"here: {broken}, thanks")
    assert looks_secret(f"here: {broken}, thanks")


@pytest.mark.parametrize(
    "shape",
    ["Write key: {}", "write_key={}", "writeKey: “{}”", "our write key is `{}`", '"writeKey":"{}"'],
)
def test_a_short_write_key_is_told_by_its_label(shape: str) -> None:
    key = secrets.token_hex(10) + "a1"
    assert looks_secret(shape.format(key))
    assert not looks_secret(key), "an ID looks the same"


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_private_keys_and_signing_secrets_are_secret(kind: str) -> None:
    assert looks_secret(f"this?\n-----BEGIN {kind}PRIVATE\u00a0KEY-----\nabc")
    assert not looks_secret(f"-----BEGIN {kind}PUBLIC KEY-----")
    secret = "whsec_" + secrets.token_hex(16)
    assert looks_secret(f"signed with {secret[:9]}\u200b{secret[9:]}.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_ is how the signing secret of a webhook begins",
        "sgp_ is what all of our access tokens begin with since the change of last year",
        "Write key: it stands under Settings, API Keys of the source",
        "status",
        "acme-inc",
        "sgp_",
        "checkout_step_2_completed_with_discount_applied_by_agent",
        "very-long-company-name-international-holdings-2-production",
        "Report Opened, Signed Up, Teammate Invited 2",
        "https://app.segment.com/goto-my-workspace/settings/access-management/tokens",
        "the Workspace Owner, who is on holiday until 2026-03-02, has the token",
        "CheckoutStepCompletedWithDiscountAppliedByAgent",
        "HTTPAPIResponseTimeExceededTheLimitOfTheTeam",
        "CHECKOUTSTEPCOMPLETEDWITHDISCOUNTAPPLIED",
        "a" * 200,
        "1" * 64,
        "9aQ1bC2dE3fG4hI5jK6lM7",
    ],
)
def test_what_people_write_and_name_is_no_secret(text: str) -> None:
    assert not looks_secret(text)


@given(st.lists(st.from_regex(r"[a-z]{1,12}|\d{1,4}", fullmatch=True), min_size=1, max_size=12))
def test_names_in_small_letters_are_no_token(parts: list[str]) -> None:
    for joint in ("_", "-", " "):
        name = joint.join(parts)
        assume(len(parts) > 1)
        assert not looks_like_token(name)


@given(st.tuples(mixed(43), mixed(43)).map(".".join))
def test_a_config_api_token_is_two_parts_of_43(token: str) -> None:
    assert looks_like_config_api_token(token)
    assert not looks_like_config_api_token(token[:-1])
    assert not looks_like_config_api_token(f"{token} ")


@pytest.mark.parametrize("text", ["a1-" * 20_000, "a" * 60_000, "aA1_" * 9, "-" * 60_000])
def test_a_long_text_is_looked_through_and_not_just_given_up(text: str) -> None:
    """A pattern that tries every beginning with every end would never finish."""
    assert not looks_secret(text)
    token = "sgp_" + secrets.token_hex(32)
    assert looks_secret(f"{text} {token}")
