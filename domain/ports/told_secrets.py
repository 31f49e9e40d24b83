"""What receivers were last told of secrets."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSecret:
    """A secret as the newest change told of it; `version` counts its values."""

    uid: bytes
    name: str
    version: int


class ToldSecrets(ABC):
    """Remembers it, so that a change can be told from the one before."""

    @abstractmethod
    def of(self, uids: Collection[bytes]) -> Mapping[bytes, ToldSecret]:
        """Return what was last told of these secrets, those of which anything was."""

    @abstractmethod
    def keep(self, told: Collection[ToldSecret]) -> None:
        """Keep what was told, at most one of each secret, instead of what was kept before."""

    @abstractmethod
    def forget(self, uids: Collection[bytes]) -> None:
        """Forget secrets that are gone, as far as anything is kept of them."""
