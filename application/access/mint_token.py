"""Making a token: the one moment at which it is known."""

from dataclasses import dataclass, field
from datetime import datetime

from application.access.token_key import token_key
from domain.access.credential import RANDOM_BYTES, Credential
from domain.access.token import Token, accept_networks
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.randomness import Randomness
from domain.ports.storage import Session
from domain.ports.token_hasher import TokenHasher
from domain.secrets.secret import accept_description, accept_expiry


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLimits:
    """What is said of a token, and when and from where it counts."""

    description: str | None = None
    expires_at: datetime | None = None
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A token and what is kept of it."""

    token: Token
    credential: Credential = field(repr=False)


class MintToken:
    """Draws a token and hashes it; keeping it is up to the use case."""

    def __init__(
        self, *, clock: Clock, randomness: Randomness, hasher: TokenHasher, key_ring: KeyRing
    ) -> None:
        """Take what dates, draws and hashes, and the ring that holds the key of the hash."""
        self._clock = clock
        self._randomness = randomness
        self._hasher = hasher
        self._key_ring = key_ring

    def __call__(self, principal: str, limits: TokenLimits, *, by: str, session: Session) -> Minted:
        """Return a new token.

        Raises:
            InvalidInput: a limit breaks its rule.
            KeyAbsent: the key of the hash has to be fetched first.
        """
        now = self._clock.now()
        credential = Credential.minted(self._randomness.token(RANDOM_BYTES))
        token = Token(
            principal=principal,
            description=accept_description(limits.description),
            digest=self._hasher.digest(credential, key_id=token_key(session, self._key_ring).id),
            hint=credential.hint,
            created_at=now,
            created_by=by,
            expires_at=accept_expiry(limits.expires_at, now),
            networks=accept_networks(limits.networks),
        )
        return Minted(token=token, credential=credential)
