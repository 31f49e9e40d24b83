"""Fernet: AES-128-CBC with HMAC-SHA256 (the Fernet specification, version 0x80)."""

from cryptography.fernet import Fernet, InvalidToken

from adapters import base64url
from domain.errors import SealBroken
from domain.ports.cipher import Cipher


class FernetCipher(Cipher):
    """Makes ordinary Fernet tokens.

    Fernet has no associated data, so the token itself is bound to nothing.
    The binding is in the key, which is derived for one secret version only.
    """

    @property
    def name(self) -> str:
        """Return `fernet`."""
        return "fernet"

    def seal(self, plaintext: bytes, *, key: bytes, context: bytes) -> str:
        """Return a Fernet token."""
        del context
        return Fernet(base64url.encode(key)).encrypt(plaintext).decode("ascii")

    def open(self, token: str, *, key: bytes, context: bytes) -> bytes:
        """Return what the token holds.

        Raises:
            SealBroken: the token is malformed, or does not authenticate.
        """
        del context
        try:
            base64url.decode(token)
            return Fernet(base64url.encode(key)).decrypt(token)
        except (InvalidToken, ValueError) as error:
            raise SealBroken("the stored value does not authenticate") from error
