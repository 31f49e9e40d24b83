"""The headers that close every answer to what browsers would do with it."""

from typing import Any

from adapters.http.guards import is_loopback_host

Headers = tuple[tuple[bytes, bytes], ...]

SECURITY_HEADERS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"content-security-policy",
        (
            b"default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none';"
            b" base-uri 'none'; form-action 'none'"
        ),
    ),
)

WITH_HSTS: Headers = (*SECURITY_HEADERS, (b"strict-transport-security", b"max-age=31536000"))
"""One year (RFC 6797). Names below ours are not ours to decide about."""


def headers_for(scope: Any) -> Headers:
    """Return the headers for an answer.

    A browser keeps HSTS for a name with all its ports, so on `localhost` it would break whatever
    else is developed there.
    """
    if scope["scheme"] != "https":
        return SECURITY_HEADERS
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return SECURITY_HEADERS if is_loopback_host(host.decode("latin-1")) else WITH_HSTS
