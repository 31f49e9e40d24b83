"""What the claims of a token must be like (RFC 7519, section 4.1; RFC 8725; RFC 9068)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.jwt.issuer import Issuer
from domain.access.claims import Path, texts_of
from domain.access.identity import MAX_SUBJECT, Identity
from domain.errors import Cause, Unauthenticated
from domain.text import has_invisible, has_lone_surrogate

MAX_TEXTS = 256
"""Claims that are texts. GitHub sends about 30."""

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When a token counts: from, up to but not at, in seconds since 1970."""

    begins: float
    ends: float

    def holds(self, now: float) -> bool:
        """Tell whether it counts."""
        return self.begins <= now < self.ends


def span_of(claims: Claims, issuer: Issuer, now: float) -> Span:
    """Return when the token counts, which is now.

    Raises:
        Unauthenticated: a time is missing or no number, or it does not count now.
    """
    ends, issued = _number(claims, "exp"), _number(claims, "iat")
    begins = _number(claims, "nbf") if "nbf" in claims else issued
    if now >= ends + issuer.leeway:
        raise Unauthenticated("the token has expired", cause=Cause.EXPIRED)
    if max(begins, issued) > now + issuer.leeway:
        raise Unauthenticated("the token does not count yet")
    if now >= issued + issuer.max_age + issuer.leeway:
        raise Unauthenticated("the token is older than the settings allow")
    return Span(
        begins=max(begins, issued) - issuer.leeway,
        ends=min(ends, issued + issuer.max_age) + issuer.leeway,
    )


def identity_of(claims: Claims, issuer: Issuer, span: Span) -> Identity:
    """Return whom the token is for.

    Raises:
        Unauthenticated: it is not for us, or not for somebody, or not of those that the settings
            want.
    """
    if issuer.audience not in _audiences(claims):
        raise Unauthenticated("the token is for another audience")
    texts = _texts(claims)
    identity = Identity(
        issuer=issuer.name,
        subject=_subject(claims),
        expires_at=datetime.fromtimestamp(span.ends - issuer.leeway, UTC),
        texts=texts,
    )
    for path, allowed in issuer.required.items():
        if texts.get(path) not in allowed:
            raise Unauthenticated("a claim is not what the settings require", identity.principal)
    return identity


def _subject(claims: Claims) -> str:
    """Return whom the token speaks of."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= MAX_SUBJECT:
        raise Unauthenticated(f"the token has no subject of 1 to {MAX_SUBJECT} characters")
    if has_lone_surrogate(subject) or has_invisible(subject):
        raise Unauthenticated("the subject of the token has characters that nobody sees")
    return subject


def _audiences(claims: Claims) -> list[str]:
    """Return whom the token is for."""
    audience = claims.get("aud")
    return audience if isinstance(audience, list) else [str(audience)]


def _texts(claims: Claims) -> Mapping[Path, str]:
    """Return the claims that conditions can be about."""
    texts = texts_of(claims)
    if len(texts) > MAX_TEXTS:
        raise Unauthenticated(f"the token has more than {MAX_TEXTS} claims")
    if any(has_lone_surrogate("".join((*path, text))) for path, text in texts.items()):
        raise Unauthenticated("a claim of the token is no Unicode")
    return texts


def _number(claims: Claims, name: str) -> float:
    """Return a time in seconds since 1970."""
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Unauthenticated(f"the token has no number as '{name}'")
    try:
        number = float(found)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Unauthenticated(f"the token has no number as '{name}'")
    return number
