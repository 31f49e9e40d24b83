"""Chaining work that is, or will be, done elsewhere."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def then(first: Future[A], step: Callable[[Future[A]], Future[B]]) -> Future[B]:
    """Run `step` when `first` is done, failed or not, and return the outcome of both.

    Nothing waits: the step runs where `first` is completed, at once if that has happened.
    """
    final: Future[B] = Future()
    final.set_running_or_notify_cancel()  # what was begun cannot be cancelled

    def run(done: Future[A]) -> None:
        try:
            second = step(done)
        except BaseException as error:  # noqa: BLE001  a lost exception is a caller who waits for ever
            final.set_exception(error)
        else:
            second.add_done_callback(pass_on)

    def pass_on(done: Future[B]) -> None:
        error = done.exception()
        if error is not None:
            final.set_exception(error)
        else:
            final.set_result(done.result())

    first.add_done_callback(run)
    return final
