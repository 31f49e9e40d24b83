"""The repositories on one SQL connection."""

from sqlalchemy import Connection

from adapters.sql.audit_log import SqlAuditLog
from adapters.sql.data_key_repository import SqlDataKeyRepository
from adapters.sql.sealed_values import SqlSealedValues
from adapters.sql.secret_catalogue import SqlSecretCatalogue
from adapters.sql.secret_repository import SqlSecretRepository
from adapters.sql.version_repository import SqlVersionRepository
from domain.ports.audit_log import AuditLog
from domain.ports.data_key_repository import DataKeyRepository
from domain.ports.sealed_values import SealedValues
from domain.ports.secret_catalogue import SecretCatalogue
from domain.ports.secret_repository import SecretRepository
from domain.ports.storage import Session
from domain.ports.version_repository import VersionRepository


class SqlSession(Session):
    """Made once for a connection; the storage opens and ends the transactions around it."""

    def __init__(self, connection: Connection) -> None:
        """Build the repositories."""
        self._secrets = SqlSecretRepository(connection)
        self._catalogue = SqlSecretCatalogue(connection)
        self._versions = SqlVersionRepository(connection)
        self._data_keys = SqlDataKeyRepository(connection)
        self._sealed_values = SqlSealedValues(connection)
        self._audit = SqlAuditLog(connection)

    @property
    def secrets(self) -> SecretRepository:
        """Return the secrets."""
        return self._secrets

    @property
    def catalogue(self) -> SecretCatalogue:
        """Return the catalogue of secrets."""
        return self._catalogue

    @property
    def versions(self) -> VersionRepository:
        """Return the earlier versions."""
        return self._versions

    @property
    def data_keys(self) -> DataKeyRepository:
        """Return the data keys."""
        return self._data_keys

    @property
    def sealed_values(self) -> SealedValues:
        """Return the sealed values."""
        return self._sealed_values

    @property
    def audit(self) -> AuditLog:
        """Return the audit log."""
        return self._audit
