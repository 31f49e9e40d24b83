"""What receivers were last told of secrets, in memory."""

from adapters.memory.tables import Tables
from domain.ports.told_secrets import ToldSecret, ToldSecrets


class MemoryToldSecrets(ToldSecrets):
    """Keeps what was told by the permanent id of the secret."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def find(self, uid: bytes) -> ToldSecret | None:
        """Return what was last told, or `None`."""
        return self._tables.told_secrets.get(uid)

    def keep(self, told: ToldSecret) -> None:
        """Keep what was told."""
        self._tables.told_secrets.put(told.uid, told)

    def forget(self, uid: bytes) -> None:
        """Forget a secret that is gone."""
        if uid in self._tables.told_secrets:
            self._tables.told_secrets.drop(uid)
