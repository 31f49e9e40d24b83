"""Finding out whom a certificate names."""

from abc import ABC, abstractmethod

from domain.access.client_certificate import ClientCertificate
from domain.access.identity import Identity


class CertificateVerifier(ABC):
    """Verifies certificates of clients against the roots that the settings name."""

    @abstractmethod
    def verify(self, certificate: ClientCertificate) -> Identity:
        """Return whom it names, as of now.

        Raises:
            Unauthenticated: it counts for nothing; the cause is in words of ours and holds nothing
                of the certificate. The principal is named where the chain is good.
        """
