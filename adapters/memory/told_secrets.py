"""What receivers were last told of secrets, in memory."""

from collections.abc import Collection, Mapping

from adapters.memory.tables import Tables
from domain.ports.told_secrets import ToldSecret, ToldSecrets


class MemoryToldSecrets(ToldSecrets):
    """Keeps what was told by the permanent id of the secret."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def of(self, uids: Collection[bytes]) -> Mapping[bytes, ToldSecret]:
        """Return what was last told of these secrets, those of which anything was."""
        found = {uid: self._tables.told_secrets.get(uid) for uid in uids}
        return {uid: told for uid, told in found.items() if told is not None}

    def keep(self, told: Collection[ToldSecret]) -> None:
        """Keep what was told."""
        for one in told:
            self._tables.told_secrets.put(one.uid, one)

    def forget(self, uids: Collection[bytes]) -> None:
        """Forget secrets that are gone."""
        for uid in uids:
            if uid in self._tables.told_secrets:
                self._tables.told_secrets.drop(uid)
