"""Who a signed token or a certificate says that somebody is, once it was verified."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.access.claims import Path

MAX_ISSUER = 32
"""Characters of the name that the settings give an issuer."""

MAX_SUBJECT = 218
"""Characters of a subject: with the rest of the principal as many as the audit log has room for."""


# Compared by itself and not by its parts: each verification makes one, which is then kept.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Identity:
    """What an issuer vouches for until `expires_at`. `issuer` is its name in the settings.

    `kind` tells how it was proved: `jwt` or `cert`.
    """

    kind: str = "jwt"
    issuer: str
    subject: str
    expires_at: datetime
    texts: Mapping[Path, str] = field(repr=False)

    @property
    def principal(self) -> str:
        """Return who is said to have called.

        A principal of the store has no colon in its name, and an issuer none in its own, so this
        is nobody else's name.
        """
        return f"{self.kind}:{self.issuer}:{self.subject}"
