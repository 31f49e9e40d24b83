"""The process that starts the workers: one socket for all of them, and a certificate to hand on."""

import os
import socket
from collections.abc import Callable
from typing import Any

from granian._granian import SocketHolder

from entrypoints.tls.certificate import Certificate
from entrypoints.workers import Server

LIFT_SECONDS = 4.0
"""How long an old worker lives beside its successor."""

_IS_PATH = False


class TlsServer(Server):
    """Granian with two differences, both for the sake of renewal (docs/adr/0011).

    The workers take connections from one socket that this process keeps. By itself each opens its
    own (SO_REUSEPORT), and what waits in the queue of a worker that ends is reset.

    The certificate is handed on in memory, as it was checked: files that are being replaced while
    a worker reads them would stop it, and the server with it.
    """

    _sso: Any
    _shd: Any
    signal_handler_reload: Callable[[], None]

    def __init__(self, *, least: str, **settings: Any) -> None:
        """Take the least version of TLS, `1.2` or `1.3`, and what Granian takes."""
        super().__init__(**settings, respawn_interval=LIFT_SECONDS)
        self._least = f"tls{least}"
        self._held: list[int] = []

    def show(self, certificate: Certificate) -> None:
        """Have the workers that start from now on show this certificate."""
        before = self._held
        chain, key, ca = (
            _held(text) for text in (certificate.chain, certificate.key, certificate.client_ca)
        )
        self._held = [chain, key, ca]
        self.ssl_ctx: Any = (
            True, _path(chain), _path(key), None, self._least,
            _path(ca) if certificate.client_ca else None, [], bool(certificate.client_ca),
        )  # fmt: skip
        for descriptor in before:
            os.close(descriptor)

    @property
    def worker_ids(self) -> list[int]:
        """Return the process ids of the workers."""
        return [worker.inner.pid for worker in self.wrks]

    @property
    def listener(self) -> int:
        """Return the number of the socket, the same in every worker."""
        return int(self._sso.fileno())

    def replace_workers(self) -> None:
        """Start new workers, and end the old ones when those have taken over."""
        self.signal_handler_reload()

    def _init_shared_socket(self) -> None:
        """Listen before there are workers."""
        family = socket.AF_INET6 if ":" in self.bind_addr else socket.AF_INET
        shared = socket.socket(family, socket.SOCK_STREAM)
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        shared.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        shared.bind((self.bind_addr, self.bind_port))
        shared.listen(self.backlog)
        self._ssp = None
        self._sso = shared
        self._shd = SocketHolder(shared.fileno(), _IS_PATH, self.backlog)  # type: ignore[call-arg]


def _held(content: bytes) -> int:
    """Keep a text in memory, where a worker can open it as a file."""
    descriptor = os.memfd_create("strongroom-tls", os.MFD_CLOEXEC)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    return descriptor


def _path(descriptor: int) -> str:
    """Return the name under which a process opens what it has inherited."""
    return f"/proc/self/fd/{descriptor}"
