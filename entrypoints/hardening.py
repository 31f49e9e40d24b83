"""What the process asks of the operating system for its own protection."""

import asyncio
import contextlib
import ctypes
import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from functools import partial

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_STOP = (signal.SIGTERM,)

ROUNDS = 1000
"""Rounds of an event loop, of which a start takes about ten after the application is there."""

RESERVED_FILES = 128
"""Open files kept free for the store, its readers' threads, the log and the runtime."""


def harden() -> None:
    """Close new files to others and keep memory out of core dumps and debuggers.

    A process that is not dumpable also closes `/proc/<pid>/mem` and `environ` to other processes
    of the same user (prctl(2), PR_SET_DUMPABLE).
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(_PR_SET_DUMPABLE, 0)


def room_for(connections: int) -> int:
    """Raise the limit on open files as far as needed and allowed; return how many then fit.

    A server that takes on more connections than it may open files spins on `accept`, and can no
    longer open its database either.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections + RESERVED_FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return connections
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(1, allowed - RESERVED_FILES)


def die_with_parent(parent: int) -> None:
    """Have a worker stop when the process that started it is killed.

    Args:
        parent: the id of that process.

    Raises:
        SystemExit: it was killed before; then no signal would ever come.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


def stop_at_hangup(inherited: object) -> None:
    """Stop when the terminal is closed, as at SIGTERM; not if it began ignoring that (nohup).

    A server that outlives its window would go on giving out secrets that nobody minds.
    """
    ignored = inherited is signal.SIG_IGN
    signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.getsignal(signal.SIGTERM))


def stop_while_loading() -> None:
    """Have workers that are forked from now on end at a stop that comes before they serve.

    The handlers of this process come along with the fork, and would swallow it there: a worker
    whose root key is far away would serve on until it is killed.
    """
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, _STOP),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, _STOP),
        after_in_child=_forget_handlers,
    )


@contextlib.contextmanager
def ended_by_stops() -> Iterator[None]:
    """Have a stop end the process at once while it loads, and keep one that comes later waiting.

    Between this and its first accepted connection the server beneath would take a stop and wait for
    ever for itself, with the interpreter's lock in its hand (Granian 2.8.7, `WorkerSignal.set`
    before `serve`). Nobody could end that worker then whose parent is gone, and what it holds of
    the store stays held. `hear_stops_when_serving` ends the waiting.
    """
    # Threads have the mask of whoever starts them, so from here on none but this one is told.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
    loaded = threading.Event()
    listener = threading.Thread(target=_listen, args=(loaded,), name="stops", daemon=True)
    listener.start()
    try:
        yield
    finally:
        loaded.set()
        listener.join()


def hear_stops_when_serving() -> None:
    """Take stops again, once the event loop has gone round more often than it does at a start.

    To be called at the start of the application, on its loop. The loop does not run between that
    start and the serving, so whatever is left to be counted is counted while it serves.
    """
    _count_down(asyncio.get_running_loop(), ROUNDS)


def _count_down(loop: asyncio.AbstractEventLoop, rounds: int) -> None:
    """Wait for as many rounds of the loop."""
    if rounds:
        loop.call_soon(_count_down, loop, rounds - 1)
    else:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)


def _listen(loaded: threading.Event) -> None:
    """Be the thread that a stop may come to."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)
    loaded.wait()


def _forget_handlers() -> None:
    """End at SIGTERM; leave Ctrl-C, which everybody at the terminal gets, to the parent."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Held back since before the fork, so that none came in between.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)


def _prctl(option: int, value: int) -> None:
    """Call prctl(2).

    Raises:
        OSError: the system refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
