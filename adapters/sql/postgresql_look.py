"""A PostgreSQL database that is only looked at."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from domain.errors import StorageUnavailable
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac

T = TypeVar("T")


class PostgresqlLook(Storage):
    """Passes readings on, which cannot write, and refuses changes."""

    def __init__(self, storage: Storage) -> None:
        """Take the open store."""
        self._storage = storage

    def read(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work on one snapshot."""
        return self._storage.read(work)

    def write(self, work: Callable[[Session], T]) -> Future[T]:
        """Refuse."""
        promise: Future[T] = Future()
        promise.set_exception(StorageUnavailable("the store is only looked at"))
        return promise

    def vouch_with(self, macs: TipMac) -> None:
        """Pass it over: nothing grows here."""

    def close(self) -> None:
        """Close every connection."""
        self._storage.close()
