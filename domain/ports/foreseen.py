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

    It is a hint. A store to which a look-up costs much may find several at once, in the snapshot on
    which the works run, when one of them is asked for and not before: whoever is refused must not
    find out by the time it takes what is there. Any other runs the work and no more. The work may
    look for others, or for none.
    """

    work: Callable[[Session], T]
    secrets: Sequence[Reference]

    def __call__(self, session: Session) -> T:
        """Run the work."""
        return self.work(session)


def foreseen(work: Callable[[Session], object]) -> Sequence[Reference]:
    """Return the secrets that a work says it will look for; none if it says nothing."""
    return work.secrets if isinstance(work, Foreseen) else ()
