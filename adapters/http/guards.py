"""Who may speak to a server in local mode: this machine's own programs, and no foreign page."""

from collections.abc import Collection, Mapping
from functools import lru_cache

from adapters.http.refusals import HttpRefusal
from adapters.loopback import is_loopback


@lru_cache(maxsize=64)
def is_loopback_host(host: str) -> bool:
    """Tell whether a `Host` header names this machine by a loopback name or address.

    A foreign name that resolves to 127.0.0.1 (DNS rebinding) is not one.
    """
    return is_loopback(_without_port(host).lower().removesuffix("."))


class LocalGuard:
    """Refuses requests that a browser sends for a foreign page."""

    def __init__(self, allowed_origins: Collection[str]) -> None:
        """Take the origins of pages that may call, such as `http://localhost:3000`."""
        self._allowed = frozenset(allowed_origins)

    def check(self, headers: Mapping[bytes, bytes], *, scheme: str) -> None:
        """Look at the headers that a page cannot forge.

        Raises:
            HttpRefusal: the host is no loopback name, or the request comes from a foreign page.
        """
        host = headers.get(b"host", b"").decode("latin-1")
        if not is_loopback_host(host):
            raise HttpRefusal(403, "in local mode the host must be a loopback name")
        origin = headers.get(b"origin")
        if origin is not None:
            own = f"{scheme}://{host}"
            if origin.decode("latin-1") not in {own, *self._allowed}:
                raise HttpRefusal(403, "in local mode a page of another origin may not call")
        # Browsers leave `Origin` out of some requests, but never this one (Fetch Metadata).
        # An allowed origin on another port of localhost is same-site.
        elif headers.get(b"sec-fetch-site", b"none") not in {b"none", b"same-origin"}:
            raise HttpRefusal(403, "in local mode a page of another origin may not call")


def _without_port(host: str) -> str:
    """Return the host of `host`, `host:port` or `[v6]:port`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host
