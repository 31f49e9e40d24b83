"""Proving a backup: it is restored, and everything in it is authenticated."""

from application.backups.filling import Progress
from application.backups.restore_backup import Plan, Proof, RestoreBackup
from domain.ports.backup_place import BackupPlace
from domain.ports.backup_seal import BackupOpener
from domain.ports.scratch import Scratch


class ProveBackup:
    """Reads a backup from where it lies and restores it into a scratch store of its own."""

    def __init__(self, *, scratch: Scratch, restore: RestoreBackup) -> None:
        """Take where to restore it, and what does so."""
        self._scratch = scratch
        self._restore = restore

    def __call__(
        self, place: BackupPlace, name: str, opener: BackupOpener, progress: Progress
    ) -> Proof:
        """Prove it.

        Raises:
            NoSuchBackup: there is none of this name.
            NotForUs: no identity at hand opens it.
            WrongRootKey: the root key at hand is not the one of the backup.
            BackupBroken: it is damaged, cut off, or not what was signed.
            Unavailable: the place or the scratch store cannot be used now.
        """
        with self._scratch.store() as store:
            plan = Plan(place=place, name=name, opener=opener, target=store)
            return self._restore(plan, progress)
