"""The policy of guarded mode: the roles of the principal whose token is shown."""

import hmac
from datetime import UTC, datetime

from application.access.standing import roles_of
from application.access.token_key import token_key
from domain.access.caller import NOBODY, Caller
from domain.access.credential import NOTHING_SHOWN, Credential
from domain.access.rights import Rights
from domain.access.token import Token
from domain.errors import Cause, Unauthenticated
from domain.ports.access_policy import AccessPolicy
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.storage import Session
from domain.ports.token_hasher import TokenHasher

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_DECOY = Token(
    principal=NOBODY,
    digest=bytes(32),
    hint="",
    created_at=_EPOCH,
    created_by=NOBODY,
    expires_at=_EPOCH,
)
"""Stands in for a token that is not there, so that the work is the same."""


class TokenPolicy(AccessPolicy):
    """Looks the token up by its keyed hash, in the snapshot that the use case works on."""

    def __init__(self, *, hasher: TokenHasher, key_ring: KeyRing, clock: Clock) -> None:
        """Take what hashes, the ring that holds the key for it, and what knows the time."""
        self._hasher = hasher
        self._key_ring = key_ring
        self._clock = clock

    def rights(self, caller: Caller, session: Session) -> Rights:
        """Return the rights of the token's principal.

        Raises:
            Unauthenticated: no token is shown, or none that counts.
            KeyAbsent: the key of the hash is not at hand yet.
        """
        credential = caller.credential
        if not isinstance(credential, Credential) or not credential.is_well_formed:
            raise Unauthenticated(NOTHING_SHOWN, cause=Cause.MISSING)
        token = self._recognise(credential, session)
        fault = token.fault(now=self._clock.now(), address=caller.address)
        if token is _DECOY:
            raise Unauthenticated("the token is not known", cause=Cause.UNKNOWN)
        if fault is not None:
            raise fault
        return _rights_of(token, session)

    def _recognise(self, credential: Credential, session: Session) -> Token:
        """Return the token that is shown, or the decoy. Known or not, the work is the same.

        A token that was recognised is recognised again for as long as the moment lasts.
        """
        found: Token | None = session.moment.find(credential)
        if found is not None:
            return found
        key = token_key(session, self._key_ring)
        digest = self._hasher.digest(credential, key_id=key.id)
        token = session.known_tokens.recognise(digest) or _DECOY
        if not hmac.compare_digest(token.digest, digest):
            return _DECOY
        session.moment.keep(credential, token)
        return token


def _rights_of(token: Token, session: Session) -> Rights:
    """Return the rights of a token's principal, looked up once in a moment."""
    key = ("rights", token.id)
    found: Rights | None = session.moment.find(key)
    if found is None:
        roles = roles_of(token.principal, session)
        found = Rights(principal=token.principal, roles=roles, token=token)
        session.moment.keep(key, found)
    return found
