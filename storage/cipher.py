"""Seals secrets before they are stored: encrypts them and binds them to their row."""

import hashlib
import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from flows.errors import FlowError


class SealBroken(FlowError):
    """The sealed text uses an unknown key, was altered, or belongs to another row."""


class Cipher:
    """Seals with the first key and opens with any of them, so that keys can be rotated."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        """Raises `ValueError` with one plain line if there is no key or one is malformed."""
        if not keys:
            raise ValueError("at least one encryption key is needed")
        self._fernet = MultiFernet(
            [_fernet(key, position) for position, key in enumerate(keys, start=1)]
        )

    def seal(self, owner: str, secret: SecretStr) -> str:
        """`owner` names the row. Only `open` with the same owner returns the secret."""
        payload = json.dumps([owner, secret.get_secret_value()])
        return self._fernet.encrypt(payload.encode()).decode()

    def open(self, owner: str, sealed: str) -> SecretStr:
        """Raises `SealBroken`."""
        try:
            payload = self._fernet.decrypt(sealed.encode())
        except InvalidToken:
            raise SealBroken("sealed with an unknown key, or altered") from None
        bound_to, secret = json.loads(payload)
        if bound_to != owner:
            raise SealBroken("sealed for another row")
        return SecretStr(secret)

    def fingerprint(self, sealed: str) -> str:
        """Tells secrets apart without telling them: the same for the same secret.

        Empty if no key opens it.
        """
        try:
            _, secret = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            return ""
        return hashlib.sha256(str(secret).encode()).hexdigest()[:12]

    def rotate(self, sealed: str) -> str:
        """The same secret sealed with the first key. Raises `SealBroken`."""
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken("sealed with an unknown key, or altered") from None


def generate_key() -> SecretStr:
    """A new random key in the form that `Cipher` takes."""
    return SecretStr(Fernet.generate_key().decode())


def _fernet(key: SecretStr, position: int) -> Fernet:
    try:
        return Fernet(key.get_secret_value())
    except ValueError:
        raise ValueError(f"encryption key {position} is not 32 bytes in url-safe base64") from None
