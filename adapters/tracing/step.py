"""The step of a trace that is under way, for whoever goes on from it. Knows no library."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

Fact = str | int | float | bool
Facts = Mapping[str, Fact]
"""What is told of a step: words of ours and numbers, never what a caller sent or a store holds."""

P = ParamSpec("P")
T = TypeVar("T")


class Step(ABC):
    """One step. No method raises, or takes long."""

    @property
    @abstractmethod
    def trace_id(self) -> str:
        """Return the id of the trace, as 32 hexadecimal digits."""

    @property
    @abstractmethod
    def headers(self) -> Mapping[str, str]:
        """Return what tells another server which step asks it (W3C Trace Context)."""

    @abstractmethod
    def begin(self, name: str, facts: Facts, *, at: int | None = None) -> "Step | None":
        """Begin a step within this one, or return `None` where none is to be told.

        Args:
            name: what is done.
            facts: what is known of it.
            at: when, in nanoseconds of Unix time; now unless given.
        """

    @abstractmethod
    def note(self, facts: Facts) -> None:
        """Add what has become known."""

    @abstractmethod
    def end(self, error: BaseException | None = None, *, at: int | None = None) -> None:
        """End the step; of an error only its kind is told, because its words may hold a value."""


CURRENT: ContextVar[Step | None] = ContextVar("strongroom.step", default=None)
"""The step that the code runs in; `None` where nothing is told."""


def begin(name: str, facts: Facts) -> Step | None:
    """Begin a step within the current one, if there is one."""
    current = CURRENT.get()
    return None if current is None else current.begin(name, facts)


def trace_id() -> str | None:
    """Return the id of the trace that is under way, or `None`."""
    current = CURRENT.get()
    return None if current is None else current.trace_id


def outgoing() -> Mapping[str, str]:
    """Return the headers that another server is to get; none where no trace is under way."""
    current = CURRENT.get()
    return {} if current is None else current.headers


def within(step: Step | None, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call with a step as the current one."""
    token = CURRENT.set(step)
    try:
        return call(*args, **kwargs)
    finally:
        CURRENT.reset(token)


def ending(step: Step, work: Future[T]) -> Future[T]:
    """Have a step end with a work."""
    work.add_done_callback(lambda done: step.end(done.exception()))
    return work


def back_in(step: Step | None, work: Future[T]) -> Future[T]:
    """Have whatever comes after a work run in a step, on whichever thread the work ends."""
    if work.done():
        return work
    landed: Future[T] = Future()
    landed.set_running_or_notify_cancel()

    def land(done: Future[T]) -> None:
        error = done.exception()
        if error is not None:
            within(step, landed.set_exception, error)
        else:
            within(step, landed.set_result, done.result())

    work.add_done_callback(land)
    return landed
