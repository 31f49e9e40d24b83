"""The store in memory."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TypeVar

from adapters.memory.access_left import MemoryAccessLeft
from adapters.memory.activity import MemoryActivityLedger, MemoryActivityReports
from adapters.memory.alert_repository import MemoryAlertRepository
from adapters.memory.audit_log import MemoryAuditLog
from adapters.memory.audit_tip import MemoryAuditTip
from adapters.memory.audit_tree import MemoryAuditTree
from adapters.memory.backup_runs import MemoryBackupRuns
from adapters.memory.bindings import MemoryBindings
from adapters.memory.census import MemoryCensus
from adapters.memory.checkpoints import MemoryCheckpoints
from adapters.memory.claim_bindings import MemoryClaimBindingRepository, MemoryFittingBindings
from adapters.memory.data_key_repository import MemoryDataKeyRepository
from adapters.memory.deadlines import MemoryDeadlines
from adapters.memory.decoys import MemoryDecoys
from adapters.memory.feed_positions import MemoryFeedPositions
from adapters.memory.habits import MemoryHabits, MemoryWindows
from adapters.memory.leases import MemoryLeases
from adapters.memory.outbox import MemoryDeliveries, MemoryOutbox
from adapters.memory.outlived_habits import MemoryOutlivedHabits
from adapters.memory.principal_repository import MemoryPrincipalRepository
from adapters.memory.role_repository import MemoryRoleRepository
from adapters.memory.root_key_records import MemoryRootKeyRecords
from adapters.memory.rotation_repository import MemoryRotationRepository
from adapters.memory.sealed_values import MemorySealedValues
from adapters.memory.secret_catalogue import MemorySecretCatalogue
from adapters.memory.secret_repository import MemorySecretRepository
from adapters.memory.sightings import MemorySightings
from adapters.memory.tables import Change, Journal, Keep, Tables
from adapters.memory.tokens import MemoryKnownTokens, MemoryTokenRepository
from adapters.memory.told_secrets import MemoryToldSecrets
from adapters.memory.version_repository import MemoryVersionRepository
from adapters.memory.write_probe import MemoryWriteProbe
from domain.errors import StorageUnavailable
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac

T = TypeVar("T")


class MemoryStorage(Storage):
    """Runs all work where it is called, one after another.

    What it holds ends with the process, unless somebody keeps its changes and gives them back.
    Lists and searches go through every row: it is made for tests, and for stores of a few
    thousand secrets.
    """

    def __init__(self, *, keep: Keep | None = None, kept: Iterable[Change] = ()) -> None:
        """Begin empty, or with what was kept.

        Args:
            keep: is given the changes of each unit of work before anybody sees them; when it
                raises, they are undone and the work has failed.
            kept: all changes that an earlier store made, in their order.
        """
        self._journal = Journal(keep)
        tables = Tables(self._journal, kept)
        self._log = MemoryAuditLog(tables)
        self._session = _open_session(tables, self._log)
        self._turn = threading.RLock()
        self._closed = False

    def read(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work at once; nothing else changes meanwhile."""
        promise: Future[T] = Future()
        with self._turn:
            _settle(promise, lambda: work(self._session))
        return promise

    def write(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work at once, and undo it when it raises."""
        promise: Future[T] = Future()
        with self._turn:
            _settle(promise, lambda: self._change(work))
        return promise

    def vouch_with(self, macs: TipMac) -> None:
        """Have every growth of the audit log vouched for."""
        self._log.macs = macs

    def close(self) -> None:
        """Take no more changes."""
        with self._turn:
            self._closed = True

    def _change(self, work: Callable[[Session], T]) -> T:
        """Run the work in a transaction."""
        if self._closed:
            raise StorageUnavailable("the store is closed")
        self._journal.begin()
        try:
            result = work(self._session)
            self._journal.commit()
        except BaseException:
            self._journal.rollback()
            raise
        return result


def _settle(promise: Future[T], call: Callable[[], T]) -> None:
    """Keep a promise with what the call gives or raises."""
    try:
        promise.set_result(call())
    except Exception as error:  # noqa: BLE001  belongs to whoever holds the future
        promise.set_exception(error)


def _open_session(tables: Tables, log: MemoryAuditLog) -> Session:
    """Return the one session."""
    return Session(
        secrets=MemorySecretRepository(tables),
        catalogue=MemorySecretCatalogue(tables),
        versions=MemoryVersionRepository(tables),
        census=MemoryCensus(tables),
        data_keys=MemoryDataKeyRepository(tables),
        root_keys=MemoryRootKeyRecords(tables),
        rotations=MemoryRotationRepository(tables),
        sealed_values=MemorySealedValues(tables),
        leases=MemoryLeases(tables),
        principals=MemoryPrincipalRepository(tables),
        roles=MemoryRoleRepository(tables),
        bindings=MemoryBindings(tables),
        tokens=MemoryTokenRepository(tables),
        known_tokens=MemoryKnownTokens(tables),
        claim_bindings=MemoryClaimBindingRepository(tables),
        fitting_bindings=MemoryFittingBindings(tables),
        backup_runs=MemoryBackupRuns(tables),
        activity_ledger=MemoryActivityLedger(tables),
        activity_reports=MemoryActivityReports(tables),
        audit=log,
        audit_tree=MemoryAuditTree(tables),
        audit_tip=MemoryAuditTip(tables),
        access_left=MemoryAccessLeft(tables),
        checkpoints=MemoryCheckpoints(tables),
        feed_positions=MemoryFeedPositions(tables),
        sightings=MemorySightings(tables),
        outbox=MemoryOutbox(tables),
        told_secrets=MemoryToldSecrets(tables),
        alerts=MemoryAlertRepository(tables),
        windows=MemoryWindows(tables),
        habits=MemoryHabits(tables),
        outlived_habits=MemoryOutlivedHabits(tables),
        decoys=MemoryDecoys(tables),
        deadlines=MemoryDeadlines(tables),
        deliveries=MemoryDeliveries(tables),
        probe=MemoryWriteProbe(tables),
    )
