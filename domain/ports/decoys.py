"""Secrets that nobody has a reason to touch."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoy:
    """A secret that is a tripwire, by its permanent id; `after` is the last entry of before."""

    uid: bytes
    name: str
    after: int
    set_at: datetime
    set_by: str


class Decoys(ABC):
    """Keeps the tripwires apart from the secrets: nothing about a secret shows that it is one."""

    @abstractmethod
    def find(self, uid: bytes) -> Decoy | None:
        """Return the tripwire, or `None`."""

    @abstractmethod
    def put(self, decoy: Decoy) -> None:
        """Make a secret a tripwire, or keep what is known of one."""

    @abstractmethod
    def remove(self, uid: bytes) -> bool:
        """Have a secret be one no longer; tell whether it was."""

    @abstractmethod
    def all(self) -> Sequence[Decoy]:
        """Return all tripwires, by name."""
