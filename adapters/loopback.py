"""Which hosts are this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether a host is one that nobody but this machine reaches.

    Of names only `localhost` is one: a name below it need not be, because not every resolver
    keeps those on this machine (RFC 6761, section 6.3).
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
