"""ChaCha20-Poly1305 (RFC 8439)."""

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from adapters.ciphers.aead import Aead, AeadCipher


class ChaCha20Cipher(AeadCipher):
    """Seals with ChaCha20-Poly1305."""

    @property
    def name(self) -> str:
        """Return `chacha20-poly1305`."""
        return "chacha20-poly1305"

    def _keyed(self, key: bytes) -> Aead:
        """Return ChaCha20-Poly1305 with the key."""
        return ChaCha20Poly1305(key)
