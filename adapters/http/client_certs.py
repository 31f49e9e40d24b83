"""The certificate that a client has shown to the proxy that ended TLS (RFC 9440).

Whoever reaches the port could write the header. So it counts only from the addresses of trusted
proxies, which must take it out of what clients send (RFC 9440, section 2.4), and from nobody else.
"""

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from typing import Any

from adapters.http.addresses import Addresses
from adapters.http.refusals import HttpRefusal
from domain.access.client_certificate import MAX_CHAIN, ClientCertificate

CERTIFICATE = "strongroom.certificate"
"""Where the edge leaves the certificate of a request."""

OWN, CHAIN = b"client-cert", b"client-cert-chain"

_BYTES = re.compile(rb":(?P<text>[A-Za-z0-9+/]+={0,2}):")
"""A byte sequence (RFC 8941, section 3.3.5), which RFC 9440 gives no parameters."""

_MALFORMED = HttpRefusal(400, "a certificate of a client is written as RFC 9440 says")


class ClientCerts:
    """Takes certificates from proxies."""

    def __init__(self, addresses: Addresses, allowed_origins: Collection[str]) -> None:
        """Take what knows the proxies, and the origins of browser pages that may call."""
        self._addresses = addresses
        self._allowed = frozenset(origin.encode() for origin in allowed_origins)

    def of(self, scope: Any, headers: Mapping[bytes, bytes]) -> ClientCertificate | None:
        """Return the certificate of a request, or `None` where none is shown.

        Raises:
            HttpRefusal: somebody else than a proxy says which it is, it is malformed, or it is a
                browser that has added it for a page of another origin.
        """
        if OWN not in headers and CHAIN not in headers:
            return None
        if not self._addresses.is_proxy(scope):
            raise HttpRefusal(400, "only a trusted proxy says which certificate a client has")
        if OWN not in headers:
            raise _MALFORMED
        # A browser adds a certificate to whatever a page asks for, as it does with cookies.
        if b"authorization" not in headers and b"x-api-key" not in headers:
            self._check_page(headers)
        chain = headers.get(CHAIN, b"").split(b",") if CHAIN in headers else []
        if len(chain) > MAX_CHAIN:
            raise _MALFORMED
        return ClientCertificate(_bytes(headers[OWN]), tuple(_bytes(item) for item in chain))

    def _check_page(self, headers: Mapping[bytes, bytes]) -> None:
        """Refuse what a page of another origin asks for (Fetch Metadata)."""
        origin = headers.get(b"origin")
        site = headers.get(b"sec-fetch-site", b"none")
        if origin in self._allowed:
            return
        if origin is not None or site not in {b"none", b"same-origin"}:
            raise HttpRefusal(403, "a page of another origin may not call with a certificate")


def _bytes(text: bytes) -> bytes:
    """Read a byte sequence, in its one form."""
    found = _BYTES.fullmatch(text.strip(b" \t"))
    if found is None:
        raise _MALFORMED
    try:
        decoded = base64.b64decode(found["text"], validate=True)
    except binascii.Error:
        raise _MALFORMED from None
    if base64.b64encode(decoded) != found["text"]:
        raise _MALFORMED
    return decoded
