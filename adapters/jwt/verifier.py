"""Verifying signed tokens: who signed, that it is for us, and that it counts now."""

import hashlib
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from adapters.jwt.claims import Span, identity_of, span_of
from adapters.jwt.issuer import Issuer
from adapters.jwt.issuer_keys import KeysAway
from adapters.jwt.key_set import KeySet, PublicKey
from adapters.jwt.parts import TYPES, Parts, parts_of
from domain.access.identity import Identity
from domain.access.signed_token import SignedToken
from domain.errors import Cause, Unauthenticated
from domain.ports.clock import Clock
from domain.ports.verifier import Verifier

REMEMBERED = 4096
"""Tokens whose signature need not be verified again; each takes about 3 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verified:
    """What came of a token: good as long as its time has not run out and its key is there."""

    identity: Identity
    span: Span
    issuer: Issuer
    key: PublicKey


class JwtVerifier(Verifier[SignedToken]):
    """Verifies tokens of some issuers, and remembers those that were good.

    What is remembered is what the token and its signature say, which never changes. Whether its
    time has come and its key still is one of the issuer's is looked at with each use.
    """

    def __init__(
        self, issuers: Iterable[Issuer], *, clock: Clock, remembered: int = REMEMBERED
    ) -> None:
        """Take the issuers, what knows the time, and how many tokens to remember."""
        self._issuers = {issuer.issuer: issuer for issuer in issuers}
        self._clock = clock
        self._most = remembered
        self._verified: dict[bytes, _Verified] = {}
        self._lock = threading.Lock()
        # Keyed, so that nobody can work out which tokens share a place, nor a token from a dump.
        self._secret = os.urandom(32)

    def verify(self, shown: SignedToken) -> Identity:
        """Return who the token is for, as of now.

        Raises:
            Unauthenticated: it counts for nothing.
            Absent: keys of the issuer have to be fetched first.
        """
        now = self._clock.now().timestamp()
        text = shown.reveal()
        digest = hashlib.blake2b(text.encode("ascii"), digest_size=32, key=self._secret).digest()
        known = self._verified.get(digest)
        if known is not None and known.span.holds(now) and known.key in _keys(known.issuer).keys:
            return known.identity
        verified = self._verify(parts_of(text), now)
        self._remember(digest, verified)
        return verified.identity

    def _verify(self, parts: Parts, now: float) -> _Verified:
        """Verify a token that is not known."""
        issuer = self._issuer(parts)
        key = _key(parts, issuer)
        if not _is_signed(parts, key):
            raise Unauthenticated(
                "the signature of the token is not of its issuer", cause=Cause.SIGNATURE
            )
        span = span_of(parts.claims, issuer, now)
        identity = identity_of(parts.claims, issuer, span)
        return _Verified(identity=identity, span=span, issuer=issuer, key=key)

    def _issuer(self, parts: Parts) -> Issuer:
        """Return the issuer that a token names, if the token is of a kind that it may sign."""
        name = parts.claims.get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            raise Unauthenticated("the issuer of the token is not one of the settings")
        if parts.alg not in issuer.algorithms:
            raise Unauthenticated("the token is not signed with an algorithm of the settings")
        if parts.typ not in ({issuer.typ} if issuer.typ else TYPES | {""}):
            raise Unauthenticated("the token is of another type")
        return issuer

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        """Remember a token; the oldest gives way."""
        with self._lock:
            while len(self._verified) >= self._most:
                del self._verified[next(iter(self._verified))]
            self._verified[digest] = verified


def _keys(issuer: Issuer) -> KeySet:
    """Return the keys of an issuer that count now."""
    try:
        return issuer.keys.current()
    except KeysAway:
        raise Unauthenticated("the keys of the issuer cannot be had", cause=Cause.ISSUER) from None


def _key(parts: Parts, issuer: Issuer) -> PublicKey:
    """Return the key that a token names."""
    key = _keys(issuer).find(parts.kid, parts.alg)
    if key is None:
        issuer.keys.look_again()
        raise Unauthenticated("the issuer has no key that the token could mean")
    return key


def _is_signed(parts: Parts, key: PublicKey) -> bool:
    """Tell whether the key signed the token.

    The algorithm was found on the list of the issuer and fits the kind of the key: the library is
    asked for exactly that one, and chooses nothing.
    """
    algorithm = JWSRegistry.algorithms[parts.alg]
    try:
        algorithm.check_key(key.key)
        return algorithm.verify(parts.signed, parts.signature, key.key)
    except (JoseError, ValueError):
        return False
