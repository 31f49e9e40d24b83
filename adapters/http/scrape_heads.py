"""The head of a request, where no framework reads it."""

from collections.abc import Mapping

from adapters.http.refusals import HttpRefusal

_FIRST_LINE = 3
"""A method, a target and a version."""


def parse_head(head: bytes) -> tuple[bytes, bytes, Mapping[bytes, bytes]]:
    """Return method, path and headers (RFC 9112, sections 3 and 5).

    Raises:
        HttpRefusal: it is no head of HTTP/1.1, or names two hosts.
    """
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    parts = first.split(b" ")
    pairs = [line.partition(b":") for line in lines]
    if len(parts) != _FIRST_LINE or not parts[2].startswith(b"HTTP/1."):
        raise HttpRefusal(400, "this is not a request of HTTP/1.1")
    names = [name.lower() for name, _, _ in pairs]
    if not all(colon for _, colon, _ in pairs) or names.count(b"host") > 1:
        raise HttpRefusal(400, "the headers are not those of a request of HTTP/1.1")
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    return parts[0], parts[1].partition(b"?")[0], headers
