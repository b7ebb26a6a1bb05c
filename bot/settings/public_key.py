"""Toplyne's public key: checks it and encrypts secrets to it as JWE (RFC 7516)."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from pydantic import SecretStr

ENCRYPTION = "A256GCM"
SMALLEST_RSA = 2048  # bits
_CURVES = frozenset({"P-256", "P-384", "P-521", "X25519"})
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_USES = frozenset({"encrypt", "wrapKey", "deriveKey", "deriveBits"})
_KINDS: Mapping[str, tuple[type[RSAKey] | type[ECKey] | type[OKPKey], str]] = {
    "RSA": (RSAKey, "RSA-OAEP-256"),
    "EC": (ECKey, "ECDH-ES"),
    "OKP": (OKPKey, "ECDH-ES"),
}


class PublicKey:
    """Implements `flows.toplyne.envelope.Sealer`.

    Raises `ValueError` for an unusable key. Its message completes "TOPLYNE_PUBLIC_KEY …".
    """

    def __init__(self, text: str) -> None:
        document = _document(text)
        kind, self._algorithm = _KINDS[document["kty"]]
        _check_use(document, self._algorithm)
        _check_size(document)
        try:
            self._key = kind.import_key(document)
            self._key.check_use("enc")
            self._id = str(document.get("kid") or self._key.thumbprint())
            self.seal(SecretStr(""))  # joserfc parses a key only when it is used
        except (JoseError, TypeError, KeyError, AttributeError, ValueError):
            raise ValueError("is not a public JWK") from None

    def seal(self, plaintext: SecretStr) -> str:
        """Returns a compact JWE that only the private key opens."""
        header = {"alg": self._algorithm, "enc": ENCRYPTION, "kid": self._id}
        text = plaintext.get_secret_value()
        allowed = [self._algorithm, ENCRYPTION]
        return jwe.encrypt_compact(header, text, self._key, algorithms=allowed)


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or str(document.get("kty")) not in _KINDS:
        raise ValueError("is not a public JWK")
    if _PRIVATE & document.keys():
        raise ValueError("is a private key, which must stay with Toplyne")
    if document["kty"] != "RSA" and str(document.get("crv")) not in _CURVES:
        raise ValueError("is a key on a curve that cannot be used")
    return document


def _check_size(document: Mapping[str, Any]) -> None:
    if document["kty"] == "RSA":
        try:
            modulus = base64.urlsafe_b64decode(document["n"] + "==")
        except (KeyError, TypeError, ValueError):
            raise ValueError("is not a public JWK") from None
        if int.from_bytes(modulus).bit_length() < SMALLEST_RSA:
            raise ValueError(f"is an RSA key of less than {SMALLEST_RSA} bits")


def _check_use(document: Mapping[str, Any], algorithm: str) -> None:
    """Refuses a key whose own metadata, if any, rules out encryption."""
    uses = document.get("key_ops")
    said = document.get("use", "enc") == "enc" and document.get("alg", algorithm) == algorithm
    if not said or (isinstance(uses, list) and uses and not _USES & set(uses)):
        raise ValueError(f"is not a key to encrypt with by {algorithm}")
