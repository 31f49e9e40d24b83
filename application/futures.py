"""Chaining work that is, or will be, done elsewhere."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")

_log = logging.getLogger("strongroom")


class Kept(Future[T]):
    """A future that is done from its beginning, and so needs nothing to wait with.

    A reading makes one for each request; a lock and a condition in each would cost more than the
    rest of it. `concurrent.futures.wait` does not take it.
    """

    def __init__(self, value: T | None = None, *, error: BaseException | None = None) -> None:
        """Take what it gives, or what it raises."""
        # Without that of the base, which makes the lock.
        self._value = value
        self._error = error

    def done(self) -> bool:
        """Return `True`."""
        return True

    def running(self) -> bool:
        """Return `False`."""
        return False

    def cancelled(self) -> bool:
        """Return `False`."""
        return False

    def cancel(self) -> bool:
        """Refuse: what is done cannot be cancelled."""
        return False

    def result(self, timeout: float | None = None) -> T:
        """Return the value, or raise the error."""
        del timeout
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # of the type that was given

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return the error, or `None`."""
        del timeout
        return self._error

    def add_done_callback(self, fn: Callable[[Future[T]], object]) -> None:
        """Call at once."""
        fn(self)


class Promise(Future[T]):
    """A future for work that is done somewhere else and cannot be cancelled.

    Each call makes some, and next to nobody waits for one by blocking a thread. So it has a lock
    only, and what a thread waits with is made when one does. `concurrent.futures.wait` does not
    take it.
    """

    def __init__(self) -> None:
        """Begin without an outcome."""
        # Without that of the base, which makes a condition.
        self._kept: Kept[T] | None = None
        self._to_call: list[Callable[[Future[T]], object]] = []
        self._lock = threading.Lock()

    def done(self) -> bool:
        """Tell whether there is an outcome."""
        return self._kept is not None

    def running(self) -> bool:
        """Tell whether there is none yet."""
        return self._kept is None

    def cancelled(self) -> bool:
        """Return `False`."""
        return False

    def cancel(self) -> bool:
        """Refuse: what was begun cannot be cancelled."""
        return False

    def result(self, timeout: float | None = None) -> T:
        """Return the value, or raise the error, once there is one of them."""
        return self._outcome(timeout).result()

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return the error, or `None`, once there is an outcome."""
        return self._outcome(timeout).exception()

    def add_done_callback(self, fn: Callable[[Future[T]], object]) -> None:
        """Call when there is an outcome, at once if there is."""
        with self._lock:
            if self._kept is None:
                self._to_call.append(fn)
                return
        fn(self)

    def set_result(self, result: T) -> None:
        """Keep the promise."""
        self.settle(Kept(result))

    def set_exception(self, exception: BaseException | None) -> None:
        """Keep it by an error."""
        self.settle(Kept(error=exception))

    def settle(self, kept: Kept[T]) -> None:
        """Keep it by an outcome.

        Everybody who wants to know is called; who fails keeps nobody else from being called.
        """
        with self._lock:
            self._kept, to_call = kept, self._to_call
            self._to_call = []
        for call in to_call:
            try:
                call(self)
            except Exception:  # noqa: BLE001  a defect of one must not hang the others
                _log.exception("what waited for a promise failed")

    def _outcome(self, timeout: float | None) -> Kept[T]:
        """Return the outcome; without one yet, block this thread until there is.

        Raises:
            TimeoutError: there is none within so many seconds.
        """
        if self._kept is None:
            there = threading.Event()
            self.add_done_callback(lambda _: there.set())
            there.wait(timeout)
        if self._kept is None:
            raise TimeoutError
        return self._kept


def then(first: Future[A], step: Callable[[Future[A]], Future[B]]) -> Future[B]:
    """Run `step` when `first` is done, failed or not, and return the outcome of both.

    Nothing waits: the step runs where `first` is completed, at once if that has happened.
    """
    if first.done():
        return _take(first, step)
    final: Promise[B] = Promise()

    def pass_on(done: Future[B]) -> None:
        error = done.exception()
        if error is not None:
            final.set_exception(error)
        else:
            final.set_result(done.result())

    def run(done: Future[A]) -> None:
        taken = _take(done, step)
        if isinstance(taken, Kept):
            final.settle(taken)
        else:
            taken.add_done_callback(pass_on)

    first.add_done_callback(run)
    return final


def _take(first: Future[A], step: Callable[[Future[A]], Future[B]]) -> Future[B]:
    """Take a step; what it raises is its outcome."""
    try:
        return step(first)
    except BaseException as error:  # noqa: BLE001  a lost exception is a caller who waits for ever
        return Kept(error=error)
