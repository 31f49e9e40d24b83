"""Backups, put together."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from adapters.backups.scratch import FolderScratch
from adapters.key_ring import HkdfKeyRing
from adapters.signing.note import NoteSigner, SignedNotes
from adapters.system.clock import SystemClock
from adapters.system.randomness import SystemRandomness
from adapters.tips.hmac import TipHmac
from application.audit.verify_log import VerifyLog
from application.backups.authenticate_store import AuthenticateStore
from application.backups.create_backup import CreateBackup
from application.backups.fail_run import FailRun
from application.backups.filling import FillStore, copy_of
from application.backups.finish_backup import FinishBackup, FinishBackupUseCase
from application.backups.follow_backups import BackupsDue, FollowBackups, Schedule
from application.backups.move_store import MoveStore
from application.backups.prove_backup import ProveBackup
from application.backups.prune_backups import PruneBackups
from application.backups.record_move import RecordMove, RecordMoveUseCase
from application.backups.record_pruning import RecordPruning, RecordPruningUseCase
from application.backups.record_restore import RecordRestore, RecordRestoreUseCase
from application.backups.record_verification import (
    RecordVerification,
    RecordVerificationUseCase,
)
from application.backups.restore_backup import Authenticate, RestoreBackup
from application.backups.start_backup import StartBackup, StartBackupUseCase
from application.backups.write_backup import WriteBackup
from application.gate import Gate
from application.health.open_value import Opener, OpenValue
from application.keys.sealer import Sealer
from application.turn import Turns
from application.use_case import UseCase
from domain.backups.retention import Retention
from domain.ports.cipher import Cipher
from domain.ports.clock import Clock
from domain.ports.root_key_source import RootKeySource
from domain.ports.signer import Signer
from domain.ports.storage import Storage
from domain.ports.store import Store
from entrypoints.settings import Settings


def backups_use_cases() -> Mapping[type, UseCase[Any, Any]]:
    """Return the use cases by command."""
    return {
        StartBackup: StartBackupUseCase(),
        FinishBackup: FinishBackupUseCase(),
        RecordVerification: RecordVerificationUseCase(),
        RecordRestore: RecordRestoreUseCase(),
        RecordPruning: RecordPruningUseCase(),
        RecordMove: RecordMoveUseCase(),
    }


def ring_of(source: RootKeySource) -> HkdfKeyRing:
    """Return a ring of its own: the keys in a backup may be older than those of the store."""
    return HkdfKeyRing(source=source, clock=SystemClock(), randomness=SystemRandomness())


def build_authenticate(
    settings: Settings, ring: HkdfKeyRing, ciphers: Mapping[str, Cipher]
) -> Authenticate:
    """Return what makes an authenticator of a store whose keys are in the ring."""
    opener = Opener(
        sealer=Sealer(key_ring=ring, ciphers=ciphers, preferred=settings.cipher), key_ring=ring
    )

    def authenticate(storage: Storage) -> AuthenticateStore:
        return AuthenticateStore(
            storage=storage,
            open_value=OpenValue(storage=storage, ciphers=ciphers, opener=opener),
            verify_log=VerifyLog(
                storage=storage,
                signer=NoteSigner(key_ring=ring),
                notes=SignedNotes(),
                macs=TipHmac(key_ring=ring),
            ),
        )

    return authenticate


def build_restore(
    settings: Settings, source: RootKeySource, ciphers: Mapping[str, Cipher]
) -> RestoreBackup:
    """Return what restores backups that were made under the root key of a source."""
    ring = ring_of(source)
    return RestoreBackup(
        fill=FillStore(wrapper=ring, signer=NoteSigner(key_ring=ring), notes=SignedNotes()),
        authenticate=build_authenticate(settings, ring, ciphers),
    )


def build_prove(
    settings: Settings, source: RootKeySource, ciphers: Mapping[str, Cipher]
) -> ProveBackup:
    """Return what proves backups that were made under the root key of a source."""
    return ProveBackup(
        scratch=FolderScratch(settings.scratch_dir),
        restore=build_restore(settings, source, ciphers),
    )


def build_create_backup(
    settings: Settings,
    store: Store,
    storage: Storage,
    gate: Gate,
    source: RootKeySource,
    ciphers: Mapping[str, Cipher],
    signer: Signer,
    turns: Turns,
) -> CreateBackup:
    """Return what makes backups."""
    clock = SystemClock()
    return CreateBackup(
        gate=gate,
        storage=storage,
        write=WriteBackup(source=copy_of(store), signer=signer, clock=clock),
        prove=build_prove(settings, source, ciphers),
        fail_run=FailRun(gate=gate, storage=storage, clock=clock),
        turns=turns,
        clock=clock,
        randomness=SystemRandomness(),
    )


def build_prune_backups(
    settings: Settings, gate: Gate, storage: Storage, clock: Clock
) -> PruneBackups:
    """Return what erases backups that no rule keeps."""
    return PruneBackups(
        gate=gate,
        storage=storage,
        clock=clock,
        retention=Retention(
            last=settings.backup_keep_last,
            daily=settings.backup_keep_daily,
            weekly=settings.backup_keep_weekly,
            monthly=settings.backup_keep_monthly,
        ),
    )


def build_backups_due(settings: Settings, storage: Storage, clock: Clock) -> BackupsDue:
    """Return what tells when a backup is due."""
    every = timedelta(hours=settings.backup_every_hours)
    return BackupsDue(storage=storage, clock=clock, every=every)


def build_follow_backups(
    gate: Gate, storage: Storage, clock: Clock, due: BackupsDue, schedule: Schedule
) -> FollowBackups:
    """Return what has backups made when they are due."""
    return FollowBackups(
        gate=gate,
        storage=storage,
        clock=clock,
        due=due,
        fail_run=FailRun(gate=gate, storage=storage, clock=clock),
        schedule=schedule,
    )


def build_move_store(
    settings: Settings, ring: HkdfKeyRing, ciphers: Mapping[str, Cipher]
) -> MoveStore:
    """Return what copies a store whose keys are in the ring."""
    return MoveStore(authenticate=build_authenticate(settings, ring, ciphers))
