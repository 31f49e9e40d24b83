"""Finding out who somebody is of whom others vouch."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from domain.access.client_certificate import ClientCertificate
from domain.access.identity import Identity
from domain.access.signed_token import SignedToken

Shown = TypeVar("Shown", bound=SignedToken | ClientCertificate)


class Verifier(ABC, Generic[Shown]):
    """Verifies one kind of credential, against the issuers or the roots that the settings name."""

    @abstractmethod
    def verify(self, shown: Shown) -> Identity:
        """Return whom it names, as of now.

        Raises:
            Unauthenticated: it counts for nothing; the reason is in words of ours and holds nothing
                of what is shown. The principal is named where the signatures are good.
            Absent: keys of the issuer have to be fetched first; whoever does that tries again.
        """
