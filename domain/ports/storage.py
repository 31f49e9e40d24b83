"""Units of work: who opens the transaction, and on which thread it runs."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from domain.ports.access_left import AccessLeft
from domain.ports.activity_ledger import ActivityLedger
from domain.ports.activity_reports import ActivityReports
from domain.ports.alert_repository import AlertRepository
from domain.ports.audit_log import AuditLog
from domain.ports.audit_tip import AuditTip
from domain.ports.audit_tree import AuditTree
from domain.ports.backup_runs import BackupRuns
from domain.ports.bindings import Bindings
from domain.ports.census import Census
from domain.ports.checkpoints import Checkpoints
from domain.ports.claim_binding_repository import ClaimBindingRepository
from domain.ports.data_key_repository import DataKeyRepository
from domain.ports.deadlines import Deadlines
from domain.ports.decoys import Decoys
from domain.ports.feed_positions import FeedPositions
from domain.ports.fitting_bindings import FittingBindings
from domain.ports.habits import Habits, Windows
from domain.ports.known_tokens import KnownTokens
from domain.ports.leases import Leases
from domain.ports.moment import Moment
from domain.ports.outbox import Deliveries, Outbox
from domain.ports.outlived_habits import OutlivedHabits
from domain.ports.principal_repository import PrincipalRepository
from domain.ports.role_repository import RoleRepository
from domain.ports.root_key_records import RootKeyRecords
from domain.ports.rotation_repository import RotationRepository
from domain.ports.sealed_values import SealedValues
from domain.ports.secret_catalogue import SecretCatalogue
from domain.ports.secret_repository import SecretRepository
from domain.ports.sightings import Sightings
from domain.ports.tip_mac import TipMac
from domain.ports.token_repository import TokenRepository
from domain.ports.told_secrets import ToldSecrets
from domain.ports.version_repository import VersionRepository
from domain.ports.write_probe import WriteProbe

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One open unit of work: the repositories, all seeing the same transaction."""

    secrets: SecretRepository
    catalogue: SecretCatalogue
    versions: VersionRepository
    census: Census
    data_keys: DataKeyRepository
    root_keys: RootKeyRecords
    rotations: RotationRepository
    sealed_values: SealedValues
    leases: Leases
    principals: PrincipalRepository
    roles: RoleRepository
    bindings: Bindings
    tokens: TokenRepository
    known_tokens: KnownTokens
    claim_bindings: ClaimBindingRepository
    fitting_bindings: FittingBindings
    activity_ledger: ActivityLedger
    activity_reports: ActivityReports
    audit: AuditLog
    audit_tree: AuditTree
    audit_tip: AuditTip
    access_left: AccessLeft
    checkpoints: Checkpoints
    feed_positions: FeedPositions
    sightings: Sightings
    outbox: Outbox
    told_secrets: ToldSecrets
    alerts: AlertRepository
    windows: Windows
    habits: Habits
    outlived_habits: OutlivedHabits
    decoys: Decoys
    deadlines: Deadlines
    deliveries: Deliveries
    backup_runs: BackupRuns
    probe: WriteProbe
    moment: Moment = field(default_factory=Moment)


class Storage(ABC):
    """Runs units of work. What a failed or unavailable store raises is the same for all of them.

    Raises (within the work, at the call that cannot be done, and through the future):
        StorageUnavailable: the store is locked, full, read-only or away. Nothing was changed.
    """

    @abstractmethod
    def read(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work on one consistent snapshot. Writing in it is an error.

        It may be run again from its beginning, on another snapshot, when a connection was lost. It
        may be a `Foreseen`, which says what it will look for.
        """

    @abstractmethod
    def write(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work in a transaction; the future is done when the change is durable.

        The future cannot be cancelled: what was accepted is done.
        Work that raises is undone alone, and its exception comes out of the future.
        Works take turns, those of all processes: nobody else writes between its first look at the
        store and its end.
        The work must not block: it may share its transaction with others that wait. It may be run
        again from its beginning, after everything that it did was undone.
        """

    @abstractmethod
    def vouch_with(self, macs: TipMac) -> None:
        """Have the tip of the audit log vouched for. It is called before the first change.

        From then on an entry is added only to a tip whose tag fits, and the tip that it leaves
        gets a tag of its own, one for a commit. If the tag does not fit, works that append fail
        with `StorageUnavailable`, and all others are done.
        Without this, only a log that has no tag can grow.
        """

    @abstractmethod
    def close(self) -> None:
        """Finish what was accepted, then let go of everything."""
