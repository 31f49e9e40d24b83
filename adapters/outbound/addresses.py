"""Which addresses a call may go to: looked up once, checked, and then connected to as they are.

A name that is looked up again for the connection could lead elsewhere by then (DNS rebinding).
"""

import ipaddress
import socket
from collections.abc import Sequence

from adapters.notifiers.reachable import Network, may_be_reached


class Forbidden(Exception):
    """A name leads to where no call may go."""


def checked_addresses(host: str, port: int, allowed: Sequence[Network]) -> Sequence[str]:
    """Return where a host is.

    Args:
        host: a name or an address.
        port: where the call goes.
        allowed: networks that may be called although they are not the public internet.

    Raises:
        Forbidden: one of its addresses is none that a call may go to.
        OSError, UnicodeError: the name cannot be looked up.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    places = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not all(may_be_reached(ipaddress.ip_address(place), allowed) for place in places):
        raise Forbidden("the name leads to an address that no call may go to")
    return list(dict.fromkeys(places))
