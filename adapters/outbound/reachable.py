"""Where a connection may go: a name is looked up once, and every address it has is judged.

A name may point, by mistake or by somebody's doing, at this machine, at a neighbour, or
at the metadata service of a cloud, which hands out credentials. So the answer of the name service
is checked, and the connection is made to the address that was checked, not to the name once more.
"""

import ipaddress
import socket
from collections.abc import Sequence

from adapters.outbound.no_answer import NoAnswer

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


def addresses_of(
    host: str, port: int, allowed: Sequence[Network], setting: str
) -> Sequence[Address]:
    """Look a host up and return its addresses, all of which may be connected to.

    Args:
        host: a name, or an address as text.
        port: the port.
        allowed: networks that may be connected to although they are not the public internet.
        setting: what the operator calls those networks.

    Raises:
        NoAnswer: it cannot be looked up, or one of its addresses may not be connected to.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoAnswer("its name cannot be looked up") from error
    # The zone of a link-local address stands behind a percent sign.
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(may_be_reached(address, allowed) for address in addresses):
        raise NoAnswer(f"it has an address that is not public and not in '{setting}'")
    return list(dict.fromkeys(addresses))


def may_be_reached(address: Address, allowed: Sequence[Network]) -> bool:
    """Tell whether an address is public, or in a network that is allowed.

    An IPv4 address that is written as an IPv6 one is judged as what it is.
    """
    meant = _meant(address)
    if any(meant.version == network.version and meant in network for network in allowed):
        return True
    return _is_public(meant)


def _meant(address: Address) -> Address:
    """Return the IPv4 address that the system, or a translator (RFC 6052), makes of an IPv6 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address


def _is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet, and to one machine.

    Tunnels are out: an IPv4 address of any kind may stand within theirs.
    """
    if isinstance(address, ipaddress.IPv6Address) and (
        address.is_site_local
        or address.sixtofour is not None
        or address.teredo is not None
        or address in _COMPATIBLE
    ):
        return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
    )
