"""The contract of a store: everything that the inside relies on.

class TestMyStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        storage = MyStorage(...)
        yield storage
        storage.close()
"""

from collections.abc import Iterator

import pytest

from adapters.testing.storage_access import AccessContract
from adapters.testing.storage_activity import ActivityLedgerContract, ActivityReportsContract
from adapters.testing.storage_alerts import AlertContract, WatchingContract
from adapters.testing.storage_audit import AuditLogContract, AuditTreeContract
from adapters.testing.storage_audit_beside import (
    AccessLeftContract,
    CheckpointContract,
    FeedPositionContract,
    SightingsContract,
)
from adapters.testing.storage_audit_tip import AuditTipContract
from adapters.testing.storage_backups import BackupRunsContract
from adapters.testing.storage_catalogue import CatalogueContract
from adapters.testing.storage_census import CensusContract
from adapters.testing.storage_claims import ClaimBindingContract
from adapters.testing.storage_keys import (
    DataKeyContract,
    RootKeyRecordsContract,
    RotationContract,
)
from adapters.testing.storage_leases import LeaseContract
from adapters.testing.storage_outbox import OutboxContract
from adapters.testing.storage_sealed_values import SealedValuesContract
from adapters.testing.storage_secrets import SecretContract, VersionContract
from adapters.testing.storage_units import UnitOfWorkContract
from domain.ports.storage import Storage


class StorageContract(
    UnitOfWorkContract,
    SecretContract,
    VersionContract,
    CatalogueContract,
    CensusContract,
    DataKeyContract,
    RootKeyRecordsContract,
    RotationContract,
    LeaseContract,
    SealedValuesContract,
    AccessLeftContract,
    AuditLogContract,
    AuditTipContract,
    AuditTreeContract,
    CheckpointContract,
    FeedPositionContract,
    SightingsContract,
    ActivityLedgerContract,
    ActivityReportsContract,
    OutboxContract,
    AlertContract,
    WatchingContract,
    AccessContract,
    ClaimBindingContract,
    BackupRunsContract,
):
    """All parts of the contract. Give the fixture `storage`: an empty store."""

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """Return an empty store, and close it afterwards.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError
