"""Secrets, one by one, in memory."""

from dataclasses import replace
from types import MappingProxyType

from adapters.memory.tables import Tables
from domain.errors import LostRace, NameTaken
from domain.ports.secret_repository import NewSecret, SecretRepository
from domain.secrets.reference import Reference, SecretId
from domain.secrets.secret import Secret


class MemorySecretRepository(SecretRepository):
    """Keeps secrets by id."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def find(self, reference: Reference) -> Secret | None:
        """Return the living secret, or `None`."""
        if isinstance(reference, SecretId):
            secret = self._tables.secrets.get(reference.number)
            return secret if secret is not None and secret.deleted_at is None else None
        return self._living(reference.text)

    def find_deleted(self, reference: SecretId) -> Secret | None:
        """Return the secret from the recycle bin, or `None`."""
        secret = self._tables.secrets.get(reference.number)
        return secret if secret is not None and secret.deleted_at is not None else None

    def add(self, secret: NewSecret) -> Secret:
        """Keep a new secret and return it with its id.

        Raises:
            NameTaken: a living secret has the name.
        """
        if self._living(secret.name) is not None:
            raise NameTaken
        self._tables.last_id += 1
        kept = secret.with_id(self._tables.last_id)
        self._tables.secrets.put(kept.id, kept)
        return kept

    def replace(self, secret: Secret) -> Secret:
        """Write everything of the secret and return it with the next revision.

        Raises:
            LostRace: the row has another revision, or is gone.
            NameTaken: a living secret has the name.
        """
        before = self._at_revision(secret)
        other = self._living(secret.name)
        if secret.deleted_at is None and other is not None and other.id != secret.id:
            raise NameTaken
        changed = replace(
            secret, revision=secret.revision + 1, uid=before.uid, created_at=before.created_at,
            last_read_at=before.last_read_at, tags=MappingProxyType(dict(secret.tags)),
        )  # fmt: skip
        self._tables.secrets.put(changed.id, changed)
        return changed

    def remove(self, secret: Secret) -> None:
        """Erase the secret and its versions for good.

        Raises:
            LostRace: the row has another revision, or is gone.
        """
        self._at_revision(secret)
        self._tables.secrets.drop(secret.id)
        for key in [key for key in self._tables.versions if key[0] == secret.id]:
            self._tables.versions.drop(key)

    def _living(self, name: str) -> Secret | None:
        """Return the living secret with exactly this name."""
        secrets = self._tables.secrets.values()
        return next((row for row in secrets if row.name == name and row.deleted_at is None), None)

    def _at_revision(self, secret: Secret) -> Secret:
        """Return the row as it stands, if nobody else has changed it."""
        row = self._tables.secrets.get(secret.id)
        if row is None or row.revision != secret.revision:
            raise LostRace
        return row
