"""Sealing: bound to a row, opened by any key, refused in one plain line."""

import secrets

import pytest
from pydantic import SecretStr

from storage.cipher import Cipher, SealBroken, generate_key


@pytest.fixture
def secret() -> SecretStr:
    return SecretStr(secrets.token_hex(20))


def test_only_the_owner_opens_it(secret: SecretStr) -> None:
    cipher = Cipher([generate_key()])
    sealed = cipher.seal("vault:T1:one", secret)
    assert secret.get_secret_value() not in sealed
    assert cipher.open("vault:T1:one", sealed) == secret
    for other in ("vault:T1:two", "vault:T2:one", "check:T1:one", ""):
        with pytest.raises(SealBroken, match="another row"):
            cipher.open(other, sealed)


@pytest.mark.parametrize("text", ["", "é \n \" 'quoted' \0 \u2028", "x" * 10_000])
def test_any_text_comes_back(text: str) -> None:
    cipher = Cipher([generate_key()])
    assert cipher.open("me", cipher.seal("me", SecretStr(text))).get_secret_value() == text


def test_an_altered_text_and_an_unknown_key_are_refused(secret: SecretStr) -> None:
    cipher = Cipher([generate_key()])
    sealed = cipher.seal("me", secret)
    altered = sealed[:-6] + ("AAAAAA" if sealed[-6:] != "AAAAAA" else "BBBBBB")
    for opener, text in ((cipher, altered), (cipher, ""), (Cipher([generate_key()]), sealed)):
        with pytest.raises(SealBroken, match="unknown key"):
            opener.open("me", text)
        with pytest.raises(SealBroken, match="unknown key"):
            opener.rotate(text)


def test_the_first_key_seals_and_all_open(secret: SecretStr) -> None:
    old, new = generate_key(), generate_key()
    sealed = Cipher([old]).seal("me", secret)
    both = Cipher([new, old])
    assert both.open("me", sealed) == secret
    assert Cipher([new]).open("me", both.seal("me", secret)) == secret
    assert Cipher([new]).open("me", both.rotate(sealed)) == secret


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ([], "at least one encryption key is needed"),
        (["short"], "encryption key 1 is not 32 bytes in url-safe base64"),
        ([None, "é"], "encryption key 2 is not 32 bytes in url-safe base64"),
    ],
)
def test_bad_keys_are_told_in_one_line(keys: list[str | None], message: str) -> None:
    given = [generate_key() if key is None else SecretStr(key) for key in keys]
    with pytest.raises(ValueError, match=message) as told:
        Cipher(given)
    assert str(told.value) == message
