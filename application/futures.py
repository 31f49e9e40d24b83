"""Chaining work that is, or will be, done elsewhere."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")


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


def then(first: Future[A], step: Callable[[Future[A]], Future[B]]) -> Future[B]:
    """Run `step` when `first` is done, failed or not, and return the outcome of both.

    Nothing waits: the step runs where `first` is completed, at once if that has happened.
    """
    if first.done():
        return _take(first, step)
    final: Future[B] = Future()
    final.set_running_or_notify_cancel()  # what was begun cannot be cancelled

    def pass_on(done: Future[B]) -> None:
        error = done.exception()
        if error is not None:
            final.set_exception(error)
        else:
            final.set_result(done.result())

    def run(done: Future[A]) -> None:
        _take(done, step).add_done_callback(pass_on)

    first.add_done_callback(run)
    return final


def _take(first: Future[A], step: Callable[[Future[A]], Future[B]]) -> Future[B]:
    """Take a step; what it raises is its outcome."""
    try:
        return step(first)
    except BaseException as error:  # noqa: BLE001  a lost exception is a caller who waits for ever
        return Kept(error=error)
