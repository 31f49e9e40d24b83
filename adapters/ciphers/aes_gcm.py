"""AES-256-GCM (NIST SP 800-38D)."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.ciphers.aead import Aead, AeadCipher


class AesGcmCipher(AeadCipher):
    """Seals with AES-256-GCM."""

    @property
    def name(self) -> str:
        """Return `aes-256-gcm`."""
        return "aes-256-gcm"

    def _keyed(self, key: bytes) -> Aead:
        """Return AES-GCM with the key."""
        return AESGCM(key)
