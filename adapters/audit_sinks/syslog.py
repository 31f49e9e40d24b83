"""The system log (RFC 5424), on this machine only: entries name secrets, and syslog has no seal."""

import ipaddress
import json
import socket
from collections.abc import Sequence

from domain.errors import StartRefused
from domain.ports.audit_sink import AuditSink, SinkUnavailable

TIMEOUT = 5.0
"""How long the receiver may take for one step, in seconds."""

_FACILITY = 13
"""Log audit (RFC 5424, section 6.2.1)."""

_SEVERITIES = {"done": 6, "denied": 4, "refused": 5, "failed": 3}
_OTHERWISE = 5
_ADDRESS = "unix:/dev/log, udp:127.0.0.1:514 or tcp:127.0.0.1:601"


class Syslog(AuditSink):
    """Sends each line as one message, whose text is the line."""

    def __init__(self, address: str) -> None:
        """Take the address.

        Raises:
            StartRefused: it has another form, or is not one of this machine.
        """
        self._address = address
        self._kind, _, rest = address.partition(":")
        self._place: str | tuple[str, int] = rest if self._kind == "unix" else _host_and_port(rest)
        if self._kind not in {"unix", "udp", "tcp"} or not rest:
            raise StartRefused(f"the setting 'audit_syslog' must be like {_ADDRESS}")

    @property
    def name(self) -> str:
        """Return a name for the place."""
        return f"syslog {self._address}"[:64]

    def write(self, lines: Sequence[str]) -> None:
        """Send lines.

        Raises:
            SinkUnavailable: the receiver is not there, or does not take them in time.
        """
        messages = [_message(line) for line in lines]
        try:
            with self._connect() as connection:
                if self._kind == "tcp":
                    _send_stream(connection, messages)
                else:
                    for message in messages:
                        connection.send(message)
        except OSError as error:
            raise SinkUnavailable(f"{self._address} does not take messages: {error}") from error

    def _connect(self) -> socket.socket:
        """Return a connection."""
        family = socket.AF_UNIX if self._kind == "unix" else _family(self._place)
        kind = socket.SOCK_STREAM if self._kind == "tcp" else socket.SOCK_DGRAM
        connection = socket.socket(family, kind)
        connection.settimeout(TIMEOUT)
        try:
            connection.connect(self._place)
        except OSError:
            connection.close()
            raise
        return connection


def _send_stream(connection: socket.socket, messages: Sequence[bytes]) -> None:
    """Send with octet counting (RFC 6587, section 3.4.1), and wait until all was read.

    The receiver closes when it has come to the end; a receiver that has died resets instead.
    """
    connection.sendall(b"".join(b"%d %s" % (len(message), message) for message in messages))
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass


def _message(line: str) -> bytes:
    """Write one message (RFC 5424, section 6)."""
    entry = json.loads(line)
    severity = _SEVERITIES.get(entry.get("outcome"), _OTHERWISE)
    host = "".join(char for char in socket.gethostname() if "!" <= char <= "~") or "-"
    head = f"<{_FACILITY * 8 + severity}>1 {entry.get('at', '-')} {host} strongroom - audit -"
    return f"{head} {line}".encode("ascii")


def _host_and_port(text: str) -> tuple[str, int]:
    """Read a loopback address and a port."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        if ipaddress.ip_address(host).is_loopback and 0 < int(port) < 2**16:
            return host, int(port)
    except ValueError:
        pass
    raise StartRefused(f"the setting 'audit_syslog' must be on this machine, like {_ADDRESS}")


def _family(place: str | tuple[str, int]) -> socket.AddressFamily:
    """Return the family of an address."""
    return socket.AF_INET6 if ":" in place[0] else socket.AF_INET
