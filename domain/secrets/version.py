"""One value in the history of a secret, without the value."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import NotFound

MAX_VERSION = 2**31 - 1
"""The largest version that the column holds (a signed 32-bit integer)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretVersion:
    """A version that is no longer the newest, as it is stored.

    `sealed` is `None` once the value has been destroyed for good.
    """

    secret_id: int
    version: int
    created_at: datetime
    destroyed_at: datetime | None
    sealed: str | None = field(repr=False)


def accept_version(number: int) -> int:
    """Take a version number that a caller sent.

    Raises:
        NotFound: the number fits no version, so there is no such one.
    """
    if not 1 <= number <= MAX_VERSION:
        raise NotFound("version")
    return number
