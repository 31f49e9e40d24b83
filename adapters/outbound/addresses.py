"""Which addresses a call may go to: looked up once, checked, and then connected to as they are.

A name that is looked up again for the connection could lead elsewhere by then (DNS rebinding).
"""

import ipaddress
import socket
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Forbidden(Exception):
    """A name leads to where no call may go."""


def checked_addresses(host: str, port: int, *, private: bool) -> Sequence[str]:
    """Return where a host is.

    Args:
        host: a name or an address.
        port: where the call goes.
        private: whether it may lie in a private network, or on this machine.

    Raises:
        Forbidden: one of its addresses is none that a call may go to.
        OSError: the name cannot be looked up.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    places = [str(place[0]) for _, _, _, _, place in found]
    for place in places:
        if not _may_go(ipaddress.ip_address(place.partition("%")[0]), private=private):
            raise Forbidden("the name leads to an address that no call may go to")
    return list(dict.fromkeys(places))


def _may_go(address: Address, *, private: bool) -> bool:
    """Tell whether a call may go to an address.

    The metadata services of clouds are link-local; no setting opens those.
    """
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or (private and (address.is_private or address.is_loopback))
