"""The address that a request comes from, also through proxies."""

import ipaddress
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_HOPS = 16
"""More proxies than stand in a row anywhere; so a long header costs nothing."""

UNKNOWN = "-"


class Addresses:
    """Finds addresses. `X-Forwarded-For` counts only as far as trusted proxies wrote it.

    Each proxy appends whom it got the request from. So the list is read from its end, and the
    first hop that is no trusted proxy is who called: what stands before it that caller may have
    made up. Counting by the first entry is a mistake that many have made.
    """

    def __init__(self, trusted: Collection[Network], *, tell_certificates: bool = False) -> None:
        """Take the networks of the proxies, and whether they tell the certificates of clients."""
        self._trusted = tuple(trusted)
        self.tell_certificates = tell_certificates

    def of(self, scope: Any) -> str:
        """Return the address of whoever called."""
        client = scope.get("client")
        if not client:
            return UNKNOWN
        peer: str = client[0]
        if not self._trusted:
            return peer
        nearest = _parsed(peer)
        if nearest is None or not self._trusts(nearest):
            return peer
        for hop in _from_the_end(scope["headers"]):
            found = _parsed(hop)
            if found is None:
                break
            nearest = found
            if not self._trusts(found):
                break
        return str(nearest)

    def is_proxy(self, scope: Any) -> bool:
        """Tell whether a request comes from one of the proxies itself."""
        client = scope.get("client")
        peer = _parsed(client[0]) if client else None
        return peer is not None and self._trusts(peer)

    def _trusts(self, address: Address) -> bool:
        """Tell whether this is one of the proxies."""
        return any(address in network for network in self._trusted)


@lru_cache(maxsize=4096)
def neighbourhood(address: str) -> str:
    """Return what is counted together: an IPv4 address, or the /64 that one IPv6 user has whole."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return address


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read networks, or single addresses.

    Raises:
        ValueError: one is neither.
    """
    return tuple(ipaddress.ip_network(text) for text in texts)


def _from_the_end(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """Return the hops, the nearest first."""
    lines = [value for name, value in headers if name == b"x-forwarded-for"]
    hops = b",".join(lines).rsplit(b",", MAX_HOPS)[-MAX_HOPS:]
    return [hop.strip().decode("latin-1") for hop in reversed(hops)]


def _parsed(text: str) -> Address | None:
    """Read an address with or without a port; IPv4 in the form of IPv6 is IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
