"""Ciphers: adapters of the port `Cipher`."""

from adapters.ciphers.aes_gcm import AesGcmCipher
from adapters.ciphers.chacha20 import ChaCha20Cipher
from adapters.ciphers.fernet import FernetCipher

__all__ = ["AesGcmCipher", "ChaCha20Cipher", "FernetCipher"]
