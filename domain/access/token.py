"""Tokens as they are kept: never the token, only what recognises it and what limits it."""

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.errors import Cause, InvalidInput, Unauthenticated

MAX_NETWORKS = 16

USE_NOTED_EVERY = timedelta(minutes=1)
"""How exactly the last use is known; to know it better, every call would cost a write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A credential of a principal. `digest` is a keyed hash; `hint` is how the token begins."""

    id: int = 0
    principal: str
    description: str | None = None
    digest: bytes = field(repr=False)
    hint: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    networks: tuple[str, ...] = ()
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def fault(self, *, now: datetime, address: str) -> Unauthenticated | None:
        """Return why it does not count, or `None` when it does."""
        if self.revoked_at is not None:
            return self._fault("is revoked", Cause.REVOKED)
        if self.expires_at is not None and self.expires_at <= now:
            return self._fault("has expired", Cause.EXPIRED)
        if self.networks and not admits(self.networks, address):
            return self._fault("is shown from outside its networks", Cause.NETWORK)
        return None

    def _fault(self, what: str, cause: Cause) -> Unauthenticated:
        """Say for the audit log what is wrong with it."""
        return Unauthenticated(f"the token {what}", self.principal, cause=cause)

    def is_within(self, other: "Token") -> bool:
        """Tell whether this one counts no longer, and nowhere else, than the other."""
        if other.expires_at is not None and (
            self.expires_at is None or self.expires_at > other.expires_at
        ):
            return False
        return not other.networks or (
            bool(self.networks) and all(_lies_in(own, other.networks) for own in self.networks)
        )

    def is_use_to_be_noted(self, now: datetime) -> bool:
        """Tell whether the last use that is known lies long enough back."""
        return self.last_used_at is None or now - self.last_used_at >= USE_NOTED_EVERY


def accept_networks(networks: tuple[str, ...]) -> tuple[str, ...]:
    """Return networks in their one form.

    Raises:
        InvalidInput: there are too many, or one is no network (`10.0.0.0/8`, `::1/128`).
    """
    if len(networks) > MAX_NETWORKS:
        raise InvalidInput("networks", f"must not be more than {MAX_NETWORKS}")
    try:
        return tuple(str(ipaddress.ip_network(text)) for text in networks)
    except ValueError:
        raise InvalidInput(
            "networks", "must be networks such as 10.0.0.0/8, without bits behind the mask"
        ) from None


def admits(networks: tuple[str, ...], address: str) -> bool:
    """Tell whether an address lies in one of the networks; `-` lies in none."""
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(given, ipaddress.IPv6Address) and given.ipv4_mapped is not None:
        given = given.ipv4_mapped  # an IPv4 caller on a socket that takes both
    return any(given in ipaddress.ip_network(network) for network in networks)


def _lies_in(network: str, others: tuple[str, ...]) -> bool:
    """Tell whether a network is part of one of the others."""
    own = ipaddress.ip_network(network)
    return any(
        own.version == theirs.version and own.subnet_of(theirs)  # type: ignore[arg-type]
        for theirs in map(ipaddress.ip_network, others)
    )
