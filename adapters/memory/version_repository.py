"""Earlier values in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.tables import Tables
from domain.ports.version_repository import VersionRepository
from domain.secrets.version import SecretVersion


class MemoryVersionRepository(VersionRepository):
    """Keeps versions by secret and number."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def history(self, secret_id: int) -> Sequence[SecretVersion]:
        """Return the earlier versions, oldest first."""
        keys = sorted(key for key in self._tables.versions if key[0] == secret_id)
        return [self._tables.versions[key] for key in keys]

    def find(self, secret_id: int, version: int) -> SecretVersion | None:
        """Return one earlier version, or `None`."""
        return self._tables.versions.get((secret_id, version))

    def add(self, version: SecretVersion) -> None:
        """Keep a version that has just been superseded."""
        self._tables.versions.put((version.secret_id, version.version), version)

    def destroy(self, secret_id: int, version: int, at: datetime) -> None:
        """Erase the value of a version and keep the fact that there was one."""
        row = self._tables.versions.get((secret_id, version))
        if row is not None:
            self._tables.versions.put(
                (secret_id, version), replace(row, sealed=None, destroyed_at=at)
            )
