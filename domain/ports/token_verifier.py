"""Finding out what an issuer vouches for."""

from abc import ABC, abstractmethod

from domain.access.identity import Identity
from domain.access.signed_token import SignedToken


class TokenVerifier(ABC):
    """Verifies signed tokens of the issuers that the settings name."""

    @abstractmethod
    def verify(self, token: SignedToken) -> Identity:
        """Return who the token is for, as of now.

        Raises:
            Unauthenticated: it counts for nothing; the cause is in words of ours and holds nothing
                of the token. The principal is named where the signature is good.
            Absent: keys of the issuer have to be fetched first; whoever does that tries again.
        """
