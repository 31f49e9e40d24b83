"""A store whose readings and changes are told of."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from adapters.tracing.commits import Commits, TracedWork
from adapters.tracing.step import CURRENT, back_in, ending, within
from domain.ports.foreseen import Foreseen, foreseen
from domain.ports.storage import Session, Storage
from domain.ports.storage_figures import Figures, StorageFigures
from domain.ports.tip_mac import TipMac

T = TypeVar("T")


class TracedStorage(Storage, StorageFigures):
    """Passes everything on, with a step around what belongs to a traced request."""

    def __init__(self, inside: Storage, *, system: str, commits: Commits) -> None:
        """Take the store.

        Args:
            inside: the store.
            system: how the conventions call its kind, such as `sqlite`.
            commits: what the store tells of its commits.
        """
        self._inside = inside
        self._facts = {"db.system.name": system}
        self._commits = commits

    def read(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work on one snapshot."""
        parent = CURRENT.get()
        if parent is None or (step := parent.begin("storage.read", self._facts)) is None:
            return self._inside.read(work)

        def inside(session: Session) -> T:
            return within(step, work, session)

        return back_in(
            parent,
            ending(step, self._inside.read(Foreseen(inside, foreseen(work)))),
        )

    def write(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work in a transaction."""
        parent = CURRENT.get()
        if parent is None or (step := parent.begin("storage.write", self._facts)) is None:
            return self._inside.write(work)
        traced = TracedWork(step, work, self._commits)
        written: Future[T] = self._inside.write(traced)
        written.add_done_callback(lambda _: traced.tell())
        return back_in(parent, ending(step, written))

    def vouch_with(self, macs: TipMac) -> None:
        """Have the tip of the audit log vouched for."""
        self._inside.vouch_with(macs)

    def figures(self) -> Figures:
        """Return how busy the store is, as far as it tells."""
        inside = self._inside
        return inside.figures() if isinstance(inside, StorageFigures) else Figures()

    def close(self) -> None:
        """Close the store."""
        self._inside.close()
