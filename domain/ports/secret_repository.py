"""Where secrets are kept, one by one."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from domain.secrets.reference import Reference, SecretId
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A secret at version 1 and revision 1 that waits for its id."""

    uid: bytes
    name: str
    description: str | None
    tags: Mapping[str, str]
    created_at: datetime
    expires_at: datetime | None
    sealed: str = field(repr=False)

    def with_id(self, number: int) -> Secret:
        """Return the secret that it is from now on. Every store keeps exactly this."""
        return Secret(
            id=number,
            uid=self.uid,
            name=self.name,
            description=self.description,
            tags=MappingProxyType(dict(self.tags)),
            version=1,
            revision=1,
            created_at=self.created_at,
            updated_at=self.created_at,
            value_set_at=self.created_at,
            expires_at=self.expires_at,
            last_read_at=None,
            deleted_at=None,
            sealed=self.sealed,
        )


class SecretRepository(ABC):
    """Keeps secrets. Names are unique among the living; ids are never reused."""

    @abstractmethod
    def find(self, reference: Reference) -> Secret | None:
        """Return the living secret, or `None`. Names are compared exactly."""

    @abstractmethod
    def find_deleted(self, reference: SecretId) -> Secret | None:
        """Return the secret from the recycle bin, or `None`."""

    @abstractmethod
    def add(self, secret: NewSecret) -> Secret:
        """Keep a new secret and return it with its id.

        Raises:
            NameTaken: a living secret has the name.
        """

    @abstractmethod
    def replace(self, secret: Secret) -> Secret:
        """Write everything of the secret and return it with the next revision.

        The stored row must still have `secret.revision`.

        Raises:
            LostRace: the row has another revision, or is gone.
            NameTaken: a living secret has the name.
        """

    @abstractmethod
    def remove(self, secret: Secret) -> None:
        """Erase the secret and its versions for good.

        Raises:
            LostRace: the row has another revision, or is gone.
        """
