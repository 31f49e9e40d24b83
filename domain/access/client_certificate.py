"""What a client has shown to whoever ended its TLS connection: its certificate, and the chain."""

from dataclasses import dataclass, field
from typing import NoReturn

MAX_CERTIFICATE = 16 * 1024
"""Bytes of one certificate; ordinary ones have 500 to 2,000."""

MAX_CHAIN = 8
"""Certificates between the client's own and a root; ordinary chains have none to two."""


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Certificates in DER. That the client has the key was proved in the handshake, not here."""

    own: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(default=(), repr=False)

    def __reduce__(self) -> NoReturn:
        """Refuse to be written anywhere."""
        raise TypeError("a credential is not written down")

    @property
    def is_well_formed(self) -> bool:
        """Tell whether it is of a size that a certificate has."""
        sizes = [len(one) for one in (self.own, *self.chain)]
        return len(self.chain) <= MAX_CHAIN and min(sizes) > 0 and max(sizes) <= MAX_CERTIFICATE
