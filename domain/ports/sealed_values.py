"""Every sealed value of the store, for whoever seals them anew."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValue:
    """One sealed value and where it stands: the newest of a secret, living or deleted."""

    secret_id: int
    uid: bytes
    version: int
    sealed: str = field(repr=False)


class SealedValues(ABC):
    """Goes through sealed values without looking at the secrets around them."""

    @abstractmethod
    def not_beginning(self, prefix: str, *, after: int, limit: int) -> Sequence[StoredValue]:
        """Return newest values of secrets with ids above `after` without this prefix, by id."""

    @abstractmethod
    def any_beginning(self, prefix: str) -> bool:
        """Tell whether any stored value, newest or older, begins with the prefix."""

    @abstractmethod
    def reseal(self, value: StoredValue, sealed: str) -> bool:
        """Put a new seal in the place of exactly this one; tell whether it was still there."""
