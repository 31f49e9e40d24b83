"""A bound on how long a call takes in all."""

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any, Self


class Limit:
    """Cuts the connection off at a moment, whatever the other side still sends until then.

    The client's own limits are for one read each: whoever sends a byte now and then meets them.
    """

    def __init__(self, until: float) -> None:
        """Take the moment, of the monotonic clock."""
        self._timer = threading.Timer(max(until - time.monotonic(), 0), self._cut_off)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._is_over = False
        self._connection: socket.socket | None = None

    def __enter__(self) -> Self:
        """Begin to wait."""
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Have it never happen."""
        self._timer.cancel()

    def trace(self, _event: str, info: Mapping[str, Any]) -> None:
        """See what the client does, and so its connection, which is another one within TLS."""
        found = getattr(info.get("return_value"), "get_extra_info", None)
        connection = found("socket") if found else None
        if connection is None:
            return
        with self._lock:
            self._connection = connection
            if self._is_over:
                _shut(connection)

    def _cut_off(self) -> None:
        """Have every read from now on find the end."""
        with self._lock:
            self._is_over = True
            if self._connection is not None:
                _shut(self._connection)


def _shut(connection: socket.socket) -> None:
    """End a connection below its TLS, which another thread may be reading from."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
