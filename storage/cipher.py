"""Seals secrets before they are stored: encrypts them and binds them to their row.

A sealed text begins with the id of its key. The id takes the eight bytes in which Fernet keeps its
time. Nothing here asks for that time, and versions that know no ids can still open the text.
"""

import base64
import hashlib
import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from flows.errors import FlowError

LABEL = 12  # characters at the beginning of a sealed text: Fernet's version and the key's id
NAMED = "gEAA"  # how labels begin; those of older texts, which name no key, begin with a time
_NAMES_KEY = 0x40000000  # in place of the upper half of a time, where it would be the year 10^11
_ID = 4  # bytes
_VERSION = b"\x80"  # of Fernet


LOST = SecretStr("")  # in place of a secret that no key opens


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
        ids = [_id_of(key) for key in keys]
        self.key_ids = frozenset(one.hex() for one in ids)
        self._stamp = _stamp(ids[0])
        self.labels = [_label(one) for one in ids]  # the beginnings of what each key seals

    @property
    def newest_label(self) -> str:
        return self.labels[0]

    def seal(self, owner: str, secret: SecretStr) -> str:
        """`owner` names the row. Only `open` with the same owner returns the secret."""
        payload = json.dumps([owner, secret.get_secret_value()])
        return self._fernet.encrypt_at_time(payload.encode(), self._stamp).decode()

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
        """Seals the secret again, with the first key. Raises `SealBroken`."""
        try:
            payload = self._fernet.decrypt(sealed.encode())
        except InvalidToken:
            raise SealBroken("sealed with an unknown key, or altered") from None
        return self._fernet.encrypt_at_time(payload, self._stamp).decode()


def generate_key() -> SecretStr:
    """A new random key in the form that `Cipher` takes."""
    return SecretStr(Fernet.generate_key().decode())


def key_id(label: str) -> str:
    """The id of the key that a sealed text with this label names. Empty for an older text."""
    return base64.urlsafe_b64decode(label)[-_ID:].hex() if label.startswith(NAMED) else ""


def _stamp(key: bytes) -> int:
    return _NAMES_KEY << 32 | int.from_bytes(key)


def _label(key: bytes) -> str:
    return base64.urlsafe_b64encode(_VERSION + _stamp(key).to_bytes(8)).decode()


def _id_of(key: SecretStr) -> bytes:
    """Tells keys apart and nothing about them."""
    raw = base64.urlsafe_b64decode(key.get_secret_value())
    return hashlib.sha256(b"id of " + raw).digest()[:_ID]


def _fernet(key: SecretStr, position: int) -> Fernet:
    try:
        return Fernet(key.get_secret_value())
    except ValueError:
        raise ValueError(f"encryption key {position} is not 32 bytes in url-safe base64") from None
