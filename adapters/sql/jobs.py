"""Works that wait for a transaction, and how a group of them runs in one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

from application.futures import Promise
from domain.errors import StorageUnavailable
from domain.ports.storage import Session

T = TypeVar("T")

MAX_GROUP = 256
"""Works in one commit; more would make the first ones wait too long."""


class Taken(StorageUnavailable):
    """Another process writes at this moment."""


class Transaction(Protocol):
    """The one connection that writes."""

    def begin(self, *, patient: bool) -> Session:
        """Open the transaction.

        Raises:
            Taken: another process writes, also after waiting for it where that was asked for.
        """

    def attempt(self, work: Callable[[], T]) -> T:
        """Run one work; undo it alone when it raises."""

    def complete(self) -> None:
        """Write what the works left to the end."""

    def commit(self) -> None:
        """Make everything durable. That may take as long as the disk does."""

    def rollback(self) -> None:
        """Undo everything."""

    def close(self) -> None:
        """Let go of the connection."""


@dataclass(slots=True)
class Job:
    """A work, the promise made for it, and how it went, until the commit decides."""

    work: Callable[[Session], Any]
    promise: Promise[Any] = field(default_factory=Promise)
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Keep the promise."""
        if self.error is not None:
            self.promise.set_exception(self.error)
        else:
            self.promise.set_result(self.result)


def run(transaction: Transaction, session: Session, jobs: Sequence[Job]) -> None:
    """Run the jobs in the transaction, up to its commit.

    Raises:
        BaseException: none of them can be done; everything is undone.
    """
    try:
        for job in jobs:
            job.error = None
            try:
                job.result = transaction.attempt(partial(job.work, session))
            except StorageUnavailable:
                raise
            except Exception as error:  # noqa: BLE001  belongs to this job's caller
                job.error = error
        transaction.complete()
    except BaseException:
        transaction.rollback()
        raise


def commit(transaction: Transaction) -> None:
    """Make a transaction durable.

    Raises:
        BaseException: it is not; everything is undone.
    """
    try:
        transaction.commit()
    except BaseException:
        transaction.rollback()
        raise


def fail(jobs: Iterable[Job], error: BaseException) -> None:
    """Have jobs end with one error: none of them is durable."""
    for job in jobs:
        job.error = error
