"""Key rings: adapters of the port `KeyRing`."""

from adapters.key_ring.hkdf import HkdfKeyRing

__all__ = ["HkdfKeyRing"]
