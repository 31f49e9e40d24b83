"""Every sealed value of the store, for whoever seals them anew."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValue:
    """One sealed value and where it stands: the newest of a secret, or an earlier one of it.

    The secret may be living or deleted. `newest` tells where the value was found: by the time it
    is exchanged it may have been superseded.
    """

    secret_id: int
    uid: bytes
    version: int
    newest: bool = True
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
    def under(self, key_id: str, *, after: StoredValue | None, limit: int) -> Sequence[StoredValue]:
        """Return values sealed under a data key, which stand behind `after`.

        Newest values come first, by secret; then earlier ones, by secret and version.
        """

    @abstractmethod
    def page(self, *, after: StoredValue | None, limit: int) -> Sequence[StoredValue]:
        """Return values, whatever they are sealed under, which stand behind `after`.

        Newest values come first, by secret; then earlier ones, by secret and version.
        """

    @abstractmethod
    def count_under(self, key_id: str) -> int:
        """Return how many values, newest and earlier, are sealed under a data key."""

    @abstractmethod
    def reseal(self, resealed: Sequence[tuple[StoredValue, str]]) -> int:
        """Put new seals in the places of exactly these values; return how many were still there.

        A value that was changed, superseded or destroyed since it was read is passed over.
        """
