"""How a worker makes way for its successor without anybody noticing."""

import os
import signal
import threading
from types import FrameType
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.tls.tap import Tap

MAKE_WAY = signal.SIGUSR1


class Handover:
    """Wraps the application of a worker that may be replaced while it serves."""

    def __init__(self, app: ASGIApp, *, listener: int, ready: int) -> None:
        """Take the application, the socket, and a pipe to say that this worker is ready.

        Args:
            app: the application.
            listener: the number of the socket that all workers share.
            ready: the writing end of a pipe.
        """
        self._app = app
        self._tap = Tap(listener)
        self._ready = ready
        self._leaving = False
        signal.signal(MAKE_WAY, self._make_way)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and once it is time to go, have each client come back on a new connection."""

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start" and self._leaving:
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            elif message["type"] == "lifespan.startup.complete":
                os.write(self._ready, b"r")
                self._tap.watch()
            await send(message)

        await self._app(scope, receive, sending)

    def _make_way(self, _signal: int, _frame: FrameType | None) -> None:
        """Take on no more connections, but finish those that are here.

        The server beneath can only stop listening and drop half-made connections in one.
        """
        self._leaving = True
        # Not here: a handler runs between any two steps of the main thread.
        threading.Thread(target=self._tap.close, name="making way").start()
