"""One HTTP POST over a connection of its own, within bounds of time and size.

It follows no redirect, keeps no cookie and knows no proxy: nothing but the address that was
checked gets anything.
"""

import contextlib
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.notifiers.reachable import Address
from domain.ports.notifier import NotDelivered

MAX_HEAD = 16 * 1024
"""Bytes of an answer in which its status must have come."""

_INTERIM = range(100, 200)
_CHUNK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to post: what stands in the URL, and the `host` that a certificate must be for."""

    host: str
    port: int
    target: str
    tls: ssl.SSLContext | None

    @property
    def authority(self) -> str:
        """Return what stands in the field `Host` (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 80 if self.tls is None else 443
        return host if self.port == usual else f"{host}:{self.port}"


def post(
    place: Place,
    addresses: Sequence[Address],
    *,
    headers: Mapping[str, str],
    body: bytes,
    seconds: float,
) -> int:
    """Post to the first address that takes a connection, and return the status of the answer.

    Raises:
        NotDelivered: no address takes one, or there is no answer in time.
    """
    end = time.monotonic() + seconds
    try:
        with _connected(place, addresses, end) as connection:
            connection.sendall(_request(place, headers, body))
            return _status(connection, end)
    except ssl.SSLCertVerificationError as error:
        reason = f"the receiver's certificate is not trusted: {error.verify_message}"
        raise NotDelivered(reason) from error
    except TimeoutError as error:
        raise NotDelivered("the receiver does not answer in time") from error
    except (OSError, ValueError) as error:
        raise NotDelivered(f"no connection to the receiver ({type(error).__name__})") from error


def _connected(place: Place, addresses: Sequence[Address], end: float) -> socket.socket:
    """Return a connection to one of the addresses; the certificate must be for the host."""
    errors = list[OSError]()
    for address in addresses:
        try:
            plain = socket.create_connection((str(address), place.port), timeout=_left(end))
        except OSError as error:
            errors.append(error)
            continue
        if place.tls is None:
            return plain
        try:
            return place.tls.wrap_socket(plain, server_hostname=place.host)
        except BaseException:
            plain.close()
            raise
    raise errors[0]


def _request(place: Place, headers: Mapping[str, str], body: bytes) -> bytes:
    """Write the request (RFC 9112, section 3)."""
    fields = {
        "host": place.authority, **headers,
        "content-length": str(len(body)), "connection": "close",
    }  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {place.target} HTTP/1.1\r\n{lines}\r\n".encode("ascii") + body


def _status(connection: socket.socket, end: float) -> int:
    """Read the status (RFC 9112, section 4), passing over interim answers."""
    data = b""
    while True:
        head, found, rest = data.partition(b"\r\n\r\n")
        if found or (b"\r\n" in data and not _is_interim(data)):
            status = _number(head)
            if status not in _INTERIM:
                _hear_out(connection, end)
                return status
            data = rest
            continue
        if len(data) > MAX_HEAD:
            raise NotDelivered("the receiver's answer has too long a head")
        connection.settimeout(_left(end))
        more = connection.recv(_CHUNK)
        if not more:
            raise NotDelivered("the receiver closed the connection without an answer")
        data += more


def _is_interim(data: bytes) -> bool:
    """Tell whether a status line is that of an interim answer."""
    return _number(data) in _INTERIM


def _number(head: bytes) -> int:
    """Read the number of a status line."""
    words = head.partition(b"\r\n")[0].split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or len(words[1]) != 3:  # noqa: PLR2004
        raise NotDelivered("the receiver does not answer in HTTP/1.1")
    if not words[1].isdigit():
        raise NotDelivered("the receiver does not answer in HTTP/1.1")
    return int(words[1])


def _hear_out(connection: socket.socket, end: float) -> None:
    """Read a little of the rest, so that a receiver that still writes meets no reset."""
    left = MAX_HEAD
    with contextlib.suppress(OSError):
        while left > 0:
            connection.settimeout(min(1.0, _left(end)))
            more = len(connection.recv(_CHUNK))
            if not more:
                return
            left -= more


def _left(end: float) -> float:
    """Return the seconds that are left.

    Raises:
        TimeoutError: none are.
    """
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
