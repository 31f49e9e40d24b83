"""Backups, put together around a house on a real SQLite file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from adapters.backups import age
from adapters.backups.folder import FolderPlace
from adapters.backups.plain import PlainSealer
from adapters.backups.scratch import FolderScratch
from adapters.ciphers import FernetCipher
from adapters.signing.note import NoteSigner, SignedNotes
from adapters.sql.sqlite_store import SqliteStore
from application.backups.create_backup import CreateBackup
from application.backups.fail_run import FailRun
from application.backups.filling import FillStore
from application.backups.follow_backups import BackupsDue, FollowBackups, Schedule
from application.backups.prove_backup import ProveBackup
from application.backups.prune_backups import PruneBackups
from application.backups.restore_backup import Plan, Proof, RestoreBackup
from application.backups.write_backup import Order, WriteBackup
from application.turn import Stopping
from domain.backups.retention import Retention
from domain.backups.run import BackupRun
from domain.ports.backup_place import Target
from domain.ports.backup_seal import BackupOpener, BackupSealer
from domain.ports.root_key_source import RootKeySource
from entrypoints.areas.backups import build_authenticate, ring_of
from entrypoints.settings import Settings
from tests.fakes import CALLER
from tests.house import House
from tests.tables import with_tables


def nothing() -> None:
    """Show no progress."""


class HookedSealer(PlainSealer):
    """Does what it is told to before it hands anything on."""

    def __init__(self) -> None:
        self.before: Callable[[], object] = lambda: None

    def seal(self, pieces: Iterable[bytes], target: Target) -> None:
        self.before()
        super().seal(pieces, target)


@dataclass
class BackupRooms:
    """A store with a root key of its own, and a folder for its backups."""

    folder: Path
    sealed: bool = False
    house: House = field(init=False)

    def __post_init__(self) -> None:
        self.store = SqliteStore(self.folder / "secrets.db")
        with_tables(self.folder / "secrets.db")
        self.house = House(self.store.open()).opened()
        self.place = FolderPlace(self.folder / "backups")
        self.identity, recipient = age.new_identity()
        self.sealer = HookedSealer()
        sealer: BackupSealer = age.AgeSealer([recipient]) if self.sealed else self.sealer
        self.order = Order(place=self.place, sealer=sealer)
        house = self.house
        self.fail_run = FailRun(gate=house.gate, storage=house.storage, clock=house.clock)
        self.create = CreateBackup(
            gate=house.gate,
            storage=house.storage,
            write=WriteBackup(source=self.store, signer=house.signer, clock=house.clock),
            prove=ProveBackup(
                scratch=FolderScratch(self.folder / "scratch"), restore=self.restorer()
            ),
            fail_run=self.fail_run,
            turns=house.turns,
            clock=house.clock,
            randomness=house.randomness,
        )

    def restorer(self, source: RootKeySource | None = None) -> RestoreBackup:
        """Return what restores, with the root key of the house or another one."""
        ring = ring_of(source or self.house.source)
        ciphers = {"fernet": FernetCipher()}
        return RestoreBackup(
            fill=FillStore(wrapper=ring, signer=NoteSigner(key_ring=ring), notes=SignedNotes()),
            authenticate=build_authenticate(Settings(), ring, ciphers),
        )

    def made(self) -> BackupRun:
        """Make a backup."""
        return self.create(CALLER, self.order)

    def opener(self) -> BackupOpener:
        """Return what opens the backups."""
        return (
            age.AgeOpener(age.parse_identities(self.identity))
            if self.sealed
            else (self.sealer.own_opener())
        )

    def plan(self, name: str, target: SqliteStore, *, replace: bool = False) -> Plan:
        """Return a plan to restore a backup."""
        return Plan(
            place=self.place, name=name, opener=self.opener(), target=target, replace=replace
        )

    def restored(self, name: str, where: str = "restored.db") -> tuple[Proof, SqliteStore]:
        """Restore a backup into a new store."""
        target = SqliteStore(self.folder / where)
        return self.restorer()(self.plan(name, target), nothing), target

    def follower(
        self, launch: Callable[[Stopping], None], every: timedelta = timedelta(hours=1)
    ) -> FollowBackups:
        """Return what makes backups when they are due."""
        house = self.house
        return FollowBackups(
            gate=house.gate,
            storage=house.storage,
            clock=house.clock,
            due=BackupsDue(storage=house.storage, clock=house.clock, every=every),
            fail_run=self.fail_run,
            schedule=Schedule(launch=launch, place="file:/x"),
        )

    def pruner(self, retention: Retention) -> PruneBackups:
        """Return what erases backups."""
        house = self.house
        return PruneBackups(
            gate=house.gate, storage=house.storage, clock=house.clock, retention=retention
        )

    def runs(self) -> list[BackupRun]:
        """Return all runs, the newest first."""
        return list(self.house.storage.read(lambda s: s.backup_runs.newest(limit=99)).result())
