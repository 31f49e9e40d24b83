"""Waiting on the event loop for work that is done on another thread."""

import asyncio
import threading
from collections import deque
from concurrent.futures import Future
from typing import Any


class Landing:
    """Brings finished futures to one event loop, a whole group at a time.

    The writer finishes many works with one commit. Waking the loop once for all of them, and not
    once for each, saves a system call and a hand-over of the interpreter lock per request.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve this loop only, from whose thread it is made."""
        self._loop = loop
        self._thread = threading.get_ident()
        self._landed: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._scheduled = False

    async def wait(self, work: Future[Any]) -> Any:
        """Return what the work gives, or raise what it raises."""
        if work.done():
            return work.result()
        waiter: asyncio.Future[Any] = self._loop.create_future()
        work.add_done_callback(lambda done: self._land(waiter, done))
        return await waiter

    def _land(self, waiter: asyncio.Future[Any], done: Future[Any]) -> None:
        """Queue a finished work, on whatever thread finished it, and wake the loop once."""
        if threading.get_ident() == self._thread:
            _pass_on(waiter, done)
            return
        self._landed.append((waiter, done))
        # Two threads may both see False and wake the loop twice, which is harmless. That the flag
        # is cleared before the queue is emptied is what keeps a late one from being forgotten.
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon_threadsafe(self._hand_over)

    def _hand_over(self) -> None:
        """Let every waiter of the group go on."""
        self._scheduled = False
        while self._landed:
            _pass_on(*self._landed.popleft())


def _pass_on(waiter: asyncio.Future[Any], done: Future[Any]) -> None:
    """Let a waiter go on with what a finished work gave, unless its client has gone away."""
    if waiter.done():
        return
    error = done.exception()
    if error is not None:
        waiter.set_exception(error)
    else:
        waiter.set_result(done.result())
