"""What a list tells of a secret."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from domain.secrets.secret import Secret


class SecretSummary(NamedTuple):
    """Everything that anybody is told of a secret but its value, which is not even read for it.

    A tuple and no dataclass, because a list makes hundreds of them.
    """

    id: int
    name: str
    description: str | None
    tags: Mapping[str, str]
    version: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    last_read_at: datetime | None

    @classmethod
    def of(cls, secret: Secret) -> "SecretSummary":
        """Return the summary of a secret."""
        return cls(
            id=secret.id,
            name=secret.name,
            description=secret.description,
            tags=secret.tags,
            version=secret.version,
            created_at=secret.created_at,
            updated_at=secret.updated_at,
            expires_at=secret.expires_at,
            last_read_at=secret.last_read_at,
        )
