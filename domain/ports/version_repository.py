"""Where earlier values are kept."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.secrets.version import SecretVersion


class VersionRepository(ABC):
    """Keeps the versions of a secret that are no longer its newest."""

    @abstractmethod
    def history(self, secret_id: int) -> Sequence[SecretVersion]:
        """Return the earlier versions, oldest first."""

    @abstractmethod
    def find(self, secret_id: int, version: int) -> SecretVersion | None:
        """Return one earlier version, or `None`."""

    @abstractmethod
    def add(self, version: SecretVersion) -> None:
        """Keep a version that has just been superseded."""

    @abstractmethod
    def destroy(self, secret_id: int, version: int, at: datetime) -> None:
        """Erase the value of a version and keep the fact that there was one."""
