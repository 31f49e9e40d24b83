"""What receivers were last told of secrets."""

from abc import ABC, abstractmethod
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
    def find(self, uid: bytes) -> ToldSecret | None:
        """Return what was last told, or `None`."""

    @abstractmethod
    def keep(self, told: ToldSecret) -> None:
        """Keep what was told."""

    @abstractmethod
    def forget(self, uid: bytes) -> None:
        """Forget a secret that is gone."""
