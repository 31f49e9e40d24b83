"""Erasing backups that no rule keeps."""

from collections.abc import Sequence

from application.backups.contents import store_id
from application.backups.record_pruning import RecordPruning
from application.gate import Gate
from domain.access.caller import Caller
from domain.backups.name import Named, parse_name
from domain.backups.retention import Retention
from domain.ports.backup_place import BackupPlace
from domain.ports.storage import Session, Storage


class PruneBackups:
    """Looks at backups of this store only, whatever else lies there.

    The newest is always kept, and so is the newest that was proved.
    """

    def __init__(self, *, gate: Gate, storage: Storage, retention: Retention) -> None:
        """Take the rules."""
        self._gate = gate
        self._storage = storage
        self._retention = retention

    def surplus(self, place: BackupPlace) -> Sequence[Named]:
        """Return what would be erased, oldest first."""
        store = self._storage.read(store_id).result()
        found = [parse_name(lying.name) for lying in place.list()]
        proved = self._storage.read(_proved).result()
        ours = [named for named in found if named is not None and named.store == store]
        return [named for named in self._retention.surplus(ours) if named.name != proved]

    def __call__(self, caller: Caller, place: BackupPlace) -> Sequence[Named]:
        """Erase it, each with an entry of its own, and return it.

        Raises:
            PlaceUnavailable: the place cannot be used now; what was erased stays erased.
        """
        gone = self.surplus(place)
        for named in gone:
            place.remove(named.name)
            self._gate.run(caller, RecordPruning(reference=named.name))
        return gone


def _proved(session: Session) -> str | None:
    """Return the name of the newest backup that was proved."""
    done = session.backup_runs.state().last_done
    return None if done is None else done.name
