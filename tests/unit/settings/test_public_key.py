"""Toplyne's public key: which keys are usable, and that only its owner can open what is sealed."""

import base64
import json
import secrets
from itertools import count

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from pydantic import SecretStr

from bot.settings.public_key import PublicKey

USABLE = [
    RSAKey.generate_key(2048),
    ECKey.generate_key("P-256"),
    ECKey.generate_key("P-521"),
    OKPKey.generate_key("X25519"),
]
TEXT = SecretStr("a secret ✓")


def public(key, **more: object) -> str:
    return json.dumps({**key.as_dict(private=False), **more})


def weak_rsa() -> str:
    number = secrets.randbits(1023) | 1 << 1023
    modulus = base64.urlsafe_b64encode(number.to_bytes(128)).rstrip(b"=").decode()
    return json.dumps({"kty": "RSA", "n": modulus, "e": "AQAB"})


@pytest.mark.parametrize("key", USABLE, ids=lambda key: f"{key.key_type}")
def test_only_the_private_key_opens_it(key) -> None:
    sealed = PublicKey(public(key, kid="toplyne-1", use="enc")).seal(TEXT)
    names = ["RSA-OAEP-256", "ECDH-ES", "A256GCM"]
    opened = jwe.decrypt_compact(sealed, key, algorithms=names)
    assert opened.plaintext == TEXT.get_secret_value().encode()
    assert opened.protected["kid"] == "toplyne-1"
    assert sealed.count(".") == 4
    assert PublicKey(public(key)).seal(TEXT) != sealed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a public JWK"),
        ("[]", "not a public JWK"),
        (json.dumps(OctKey.generate_key(256).as_dict()), "not a public JWK"),
        (json.dumps(USABLE[0].as_dict(private=True)), "private key"),
        (json.dumps(USABLE[1].as_dict(private=True)), "private key"),
        (weak_rsa(), "less than 2048"),
        (public(OKPKey.generate_key("Ed25519")), "curve"),
        (public(ECKey.generate_key("secp256k1")), "curve"),
        (public(USABLE[0], use="sig"), "not a key to encrypt"),
        (public(USABLE[0], alg="RSA-OAEP"), "not a key to encrypt"),
        (public(USABLE[1], key_ops=["verify"]), "not a key to encrypt"),
        (public(USABLE[1], x="!"), "not a public JWK"),
        (public(USABLE[1], x="AAAA"), "not a public JWK"),
        ('{"kty": "RSA", "n": 5, "e": "AQAB"}', "not a public JWK"),
        ('{"kty": "EC", "crv": "P-256"}', "not a public JWK"),
        ('{"kty": ["RSA"]}', "not a public JWK"),
        ('{"kty": "EC", "crv": ["P-256"], "x": "", "y": ""}', "curve"),
        (public(USABLE[1], kid={"a": 1}), "not a public JWK"),
    ],
    ids=count(),  # keys are random, and two processes must give a test the same name
)
def test_what_cannot_be_used_is_said(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        PublicKey(text)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
