"""A stand-in for Google Cloud KMS: encrypt and decrypt of its REST reference."""

import base64
import os
from typing import Any

import google_crc32c
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.contract.loopback import Answer, Body


class FakeGoogleKms:
    """Keeps versions of keys, the last of which is primary, and checks every checksum."""

    def __init__(self) -> None:
        self._keys: dict[str, list[bytes]] = {}
        self.refuses: tuple[int, str] | None = None
        self.damages: str | None = None

    def make(self, name: str) -> None:
        """Add a version of a key."""
        self._keys.setdefault(name, []).append(AESGCM.generate_key(256))

    def answer(self, method: str, path: str, token: str, body: Body) -> Answer:
        if self.refuses:
            return _error(*self.refuses)
        name, _, operation = path.partition("?")[0].removeprefix("/v1/").rpartition(":")
        if name not in self._keys:
            return _error(404, "NOT_FOUND")
        work = self._encrypt if operation == "encrypt" else self._decrypt
        try:
            answer = work(self._keys[name], body)
        except (InvalidTag, ValueError, IndexError):
            return _error(400, "INVALID_ARGUMENT")
        if self.damages:
            answer[self.damages] = _DAMAGED[self.damages]
        return 200, {}, {"name": f"{name}/cryptoKeyVersions/{len(self._keys[name])}", **answer}

    def _encrypt(self, versions: list[bytes], body: Body) -> dict[str, Any]:
        plain, bound = _read(body, "plaintext"), _read(body, "additionalAuthenticatedData")
        nonce = os.urandom(12)
        sealed = bytes([len(versions)]) + nonce + AESGCM(versions[-1]).encrypt(nonce, plain, bound)
        return {
            "ciphertext": base64.b64encode(sealed).decode(),
            "ciphertextCrc32c": str(google_crc32c.value(sealed)),
            "verifiedPlaintextCrc32c": True,
            "verifiedAdditionalAuthenticatedDataCrc32c": True,
            "protectionLevel": "SOFTWARE",
        }

    def _decrypt(self, versions: list[bytes], body: Body) -> dict[str, Any]:
        sealed, bound = _read(body, "ciphertext"), _read(body, "additionalAuthenticatedData")
        if not 1 <= sealed[0] <= len(versions):
            raise ValueError("no such version")
        plain = AESGCM(versions[sealed[0] - 1]).decrypt(sealed[1:13], sealed[13:], bound)
        return {
            "plaintext": base64.b64encode(plain).decode(),
            "plaintextCrc32c": str(google_crc32c.value(plain)),
            "usedPrimary": sealed[0] == len(versions),
        }


_DAMAGED: dict[str, Any] = {
    "ciphertext": "AAAA",
    "plaintext": "AAAA",
    "verifiedPlaintextCrc32c": False,
    "verifiedAdditionalAuthenticatedDataCrc32c": False,
}


def _read(body: Body, field: str) -> bytes:
    """Return a field whose checksum came with it and fits."""
    data = base64.b64decode(body[field], validate=True)
    if str(google_crc32c.value(data)) != str(body.get(f"{field}Crc32c")):
        raise ValueError("the checksum does not fit")
    return data


def _error(code: int, status: str) -> Answer:
    return code, {}, {"error": {"code": code, "status": status, "message": f"hidden {status}"}}
