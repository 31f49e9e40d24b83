"""The operating system's source of chance."""

import secrets

from domain.ports.randomness import Randomness


class SystemRandomness(Randomness):
    """Draws from `getrandom` by way of the standard library's `secrets`."""

    def token(self, size: int) -> bytes:
        """Return `size` random bytes."""
        return secrets.token_bytes(size)

    def below(self, bound: int) -> int:
        """Return a number from 0 up to, and without, `bound`, each equally likely."""
        return secrets.randbelow(bound)
