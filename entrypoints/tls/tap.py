"""Turning off the stream of new connections, which the server beneath cannot do by itself."""

import os
import resource
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import structlog

LOOK_SECONDS = 0.1

MARGIN = 64
"""Open files below the limit at which no more connections are taken on."""

RESERVE = 16
"""Files that are held so that they can be given back when none is left."""

_log = structlog.get_logger("strongroom")


class Tap:
    """The socket on which a worker takes connections.

    Turned off, its number stands for another socket, on which nobody calls (dup2). The real one
    stays open, and whoever connects waits in its queue, or is taken on by another worker.
    """

    def __init__(self, listener: int) -> None:
        """Take the number under which the server beneath knows the socket."""
        self._listener = listener
        self._real = socket.socket(fileno=os.dup(listener))
        self._silent = socket.create_server(("127.0.0.1", 0))
        self._silent.setblocking(False)  # noqa: FBT003  the name of the argument is no help
        self._reserve: list[int] = []
        self._lock = threading.Lock()
        self._on = True
        self._for_good = False

    def close(self) -> None:
        """Turn off for good."""
        with self._lock:
            self._for_good = True
            self._turn_off()

    def watch(self) -> None:
        """Begin to turn off while files run out, and on again, until the process ends.

        Connections whose handshake is under way do not count among those that the server beneath
        limits. When they have taken the last file it tries again and again to accept, at once, and
        never gets to cutting off those that are silent: 400 of them stopped it for good.
        """
        self._turn_on()
        threading.Thread(target=self._watch, name="tap", daemon=True).start()

    def _watch(self) -> None:
        """Look again and again."""
        while not self._for_good:
            time.sleep(LOOK_SECONDS)
            scarce = self._is_scarce()
            if scarce == self._on:
                self._turn(on=not scarce)

    def _turn(self, *, on: bool) -> None:
        """Turn, and say so."""
        with self._lock:
            if self._for_good:
                return
            if on:
                self._turn_on()
            else:
                self._turn_off()
        if on:
            self._wake()
            _log.info("new connections are taken on again")
        else:
            _log.warning("open files run out, new connections wait")

    def _turn_off(self) -> None:
        """Exchange the socket, then give files back.

        Where none is free, accept(2) fails before it looks whether anybody calls.
        """
        os.dup2(self._silent.fileno(), self._listener, inheritable=False)
        self._on = False
        while self._reserve:
            os.close(self._reserve.pop())

    def _turn_on(self) -> None:
        """Keep files for the next time, then put the socket back."""
        self._reserve = [os.dup(self._silent.fileno()) for _ in range(RESERVE)]
        os.dup2(self._real.fileno(), self._listener, inheritable=False)
        self._on = True

    def _is_scarce(self) -> bool:
        """Tell whether few files are left; turned off, whether there still are too few."""
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if not self._on:
            return sum(1 for _ in Path("/proc/self/fd").iterdir()) > limit - 2 * MARGIN
        # Counting takes its time where there are many. The number that the next file would get is
        # had at once, and is never below what is to be known while there are no gaps.
        try:
            number = os.dup(self._silent.fileno())
        except OSError:
            return True
        os.close(number)
        return number >= limit - MARGIN

    def _wake(self) -> None:
        """Connect: the server beneath looks at the queue only when somebody new comes (epoll)."""
        with suppress(OSError), socket.socket(self._real.family, socket.SOCK_STREAM) as caller:
            caller.settimeout(1)
            caller.connect(self._real.getsockname()[:2])
