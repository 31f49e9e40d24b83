"""Bindings of claims, kept and looked over."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.access.claim_binding import ClaimBinding


class ClaimBindingRepository(ABC):
    """Keeps bindings by id. Whether there are such roles is not its business."""

    @abstractmethod
    def find(self, number: int) -> ClaimBinding | None:
        """Return the binding with this id, or `None`."""

    @abstractmethod
    def page(self, *, after: int, limit: int) -> Sequence[ClaimBinding]:
        """Return up to `limit` bindings with ids above `after`, ordered by id."""

    @abstractmethod
    def add(self, binding: ClaimBinding) -> ClaimBinding:
        """Keep a new binding, and return it with its id. Ids are never reused."""

    @abstractmethod
    def remove(self, number: int) -> None:
        """Erase a binding, if it is there."""
