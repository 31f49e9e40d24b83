"""A signed token taken apart: what it says, before anybody has verified it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters import base64url
from adapters.jwt.strict_json import NotReadable, read_object
from domain.errors import Unauthenticated

MAX_HEADER = 4096
"""Characters of the header. Those of issuers have about 100; some add a certificate."""

MAX_KEY_ID = 255

TYPES = frozenset({"jwt", "at+jwt"})
"""What a header may say that the token is (RFC 8725, section 3.11; RFC 9068, section 2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A token of the compact form (RFC 7515, section 7.1)."""

    alg: str
    kid: str | None
    typ: str
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes


def parts_of(text: str) -> Parts:
    """Take a token apart.

    Headers that bring a key or lead to one (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.

    Raises:
        Unauthenticated: it is none that we read. The words are ours.
    """
    header_text, _, rest = text.partition(".")
    claims_text, _, signature = rest.partition(".")
    if len(header_text) > MAX_HEADER:
        raise Unauthenticated("the header of the token is too long")
    header = _object(header_text, "header")
    if "crit" in header or "b64" in header:
        # We understand no extension, and one that must be understood may change everything.
        raise Unauthenticated("the token wants an extension to be understood")
    return Parts(
        alg=_text(header, "alg") or "",
        kid=_text(header, "kid"),
        typ=(_text(header, "typ") or "").lower().removeprefix("application/"),
        claims=_object(claims_text, "claims"),
        signed=text[: len(header_text) + 1 + len(claims_text)].encode("ascii"),
        signature=_bytes(signature, "signature"),
    )


def _text(header: Mapping[str, Any], name: str) -> str | None:
    """Return a member of the header, if it is there."""
    found = header.get(name)
    if name in header and (not isinstance(found, str) or len(found) > MAX_KEY_ID):
        raise Unauthenticated("the header of the token has something that is no short text")
    return found


def _object(text: str, what: str) -> dict[str, Any]:
    """Read a part that is an object."""
    try:
        return read_object(_bytes(text, what))
    except NotReadable as error:
        raise Unauthenticated(f"the {what} of the token: {error}") from None


def _bytes(text: str, what: str) -> bytes:
    """Read a part; one text for one content only."""
    try:
        return base64url.decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Unauthenticated(f"the {what} of the token is not base64url") from None
