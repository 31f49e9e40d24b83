"""What a workload shows to be known: a JSON Web Token (RFC 7519) of an issuer, as text."""

import re
from dataclasses import dataclass, field
from typing import NoReturn

MAX_SIGNED_TOKEN = 16 * 1024
"""Characters of a signed token; those of GitHub, GitLab and Kubernetes have 1,000 to 3,000."""

_BEGINS = "ey"
"""How a JSON object begins in Base64url: `{"`."""

_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", re.ASCII)


def looks_signed(text: str) -> bool:
    """Tell whether a credential is meant as a signed token; an API token never looks so."""
    return text.startswith(_BEGINS) and text.count(".") == 2  # noqa: PLR2004  header.claims.signature


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A token as it was shown; whether an issuer signed it is another question."""

    text: str = field(repr=False)

    def __reduce__(self) -> NoReturn:
        """Refuse to be written anywhere."""
        raise TypeError("a credential is not written down")

    @property
    def is_well_formed(self) -> bool:
        """Tell whether it has the three parts of a JWS (RFC 7515, section 7.1) and no more.

        An empty signature is let through, so that the audit log has who tries that.
        """
        return len(self.text) <= MAX_SIGNED_TOKEN and _FORM.fullmatch(self.text) is not None

    def reveal(self) -> str:
        """Return the text."""
        return self.text
