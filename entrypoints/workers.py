"""The processes that serve: one that dies is told of, and replaced."""

import signal
from collections.abc import Iterable
from typing import Any

import structlog
from granian.server.mp import MPServer

_log = structlog.get_logger("strongroom")


class Server(MPServer):
    """Granian, with words about workers that died. Its own log is off: it has another form."""

    def _respawn_workers(self, workers: Iterable[int], *args: Any, **more: Any) -> None:
        """Start others in the place of some; those that make way for a successor still live."""
        tell_ended((self.wrks[number] for number in workers), "a worker died and is replaced")
        super()._respawn_workers(workers, *args, **more)


def tell_ended(workers: Iterable[Any], words: str) -> None:
    """Say which workers are no more, and how each ended."""
    for worker in workers:
        process = worker.inner
        if process.exitcode is not None:
            _log.error(words, process=process.pid, **how_ended(process.exitcode))


def how_ended(code: int) -> dict[str, str | int]:
    """Return the signal that ended a process, or the status that it gave itself."""
    if code >= 0:
        return {"status": code}
    try:
        return {"signal": signal.Signals(-code).name}
    except ValueError:  # a real-time one
        return {"signal": -code}
