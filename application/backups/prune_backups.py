"""Erasing backups that no rule keeps."""

from collections.abc import Mapping, Sequence

from application.backups.contents import store_id
from application.backups.record_pruning import RecordPruning
from application.gate import Gate
from domain.access.caller import Caller
from domain.backups.name import Named, parse_name
from domain.backups.retention import Retention
from domain.backups.run import BackupRun, RunOutcome
from domain.ports.backup_place import BackupPlace
from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage

RUNS_LOOKED_AT = 100_000
"""How many of the newest runs are looked through; what an older one left behind stays."""


class PruneBackups:
    """Looks only at backups that this store remembers to have proved, whatever else lies there.

    A name alone counts for nothing: whoever may put files there could have names of later dates
    push the real backups out. The newest is always kept, and so is the newest that was proved.
    """

    def __init__(self, *, gate: Gate, storage: Storage, clock: Clock, retention: Retention) -> None:
        """Take the rules."""
        self._gate = gate
        self._storage = storage
        self._clock = clock
        self._retention = retention

    def surplus(self, place: BackupPlace) -> Sequence[Named]:
        """Return what would be erased, oldest first."""
        store, proved = self._storage.read(_known).result()
        now = self._clock.now()
        found = [parse_name(lying.name) for lying in place.list() if lying.name in proved]
        ours = [one for one in found if one and one.store == store and one.at <= now]
        newest = next(iter(proved), None)
        return [named for named in self._retention.surplus(ours) if named.name != newest]

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


def _known(session: Session) -> tuple[str, Mapping[str, BackupRun]]:
    """Return the id of the store, and the runs that were proved by name, the newest first."""
    runs = session.backup_runs.newest(limit=RUNS_LOOKED_AT)
    return store_id(session), {run.name: run for run in runs if run.outcome is RunOutcome.DONE}
