"""A reading that says beforehand which secrets it will look for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.ports.storage import Session
from domain.secrets.reference import Reference

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Foreseen(Generic[T]):
    """A work for `Storage.read`, with the secrets that it will look for by `SecretRepository.find`.

    It is a hint. A store that has to ask for each secret over a network may find those of many
    works at once, in the snapshot on which they then run; any other runs the work and no more.
    The work may look for others, or for none.
    """

    work: Callable[[Session], T]
    secrets: Sequence[Reference]

    def __call__(self, session: Session) -> T:
        """Run the work."""
        return self.work(session)


def foreseen(work: Callable[[Session], object]) -> Sequence[Reference]:
    """Return the secrets that a work says it will look for; none if it says nothing."""
    return work.secrets if isinstance(work, Foreseen) else ()
