"""One value in the history of a secret, sealed."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import NotFound
from domain.secrets.secret import Secret

MAX_VERSION = 2**31 - 1
"""The largest version that the column holds (a signed 32-bit integer)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretVersion:
    """A version as it is stored; `sealed` is `None` once the value has been destroyed for good."""

    secret_id: int
    version: int
    created_at: datetime
    destroyed_at: datetime | None
    sealed: str | None = field(repr=False)

    @classmethod
    def newest_of(cls, secret: Secret) -> "SecretVersion":
        """Return the newest version, which stands in the secret itself."""
        return cls(
            secret_id=secret.id,
            version=secret.version,
            created_at=secret.value_set_at,
            destroyed_at=None,
            sealed=secret.sealed,
        )


def accept_version(number: int) -> None:
    """Check a version number that a caller sent.

    Raises:
        NotFound: the number fits no version, so there is no such one.
    """
    if not 1 <= number <= MAX_VERSION:
        raise NotFound("version")
