"""Data keys as they are stored: wrapped, with a purpose and a state."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

DATA_KEY_BYTES = 32
"""Length of a data key."""


class KeyPurpose(Enum):
    """What a data key is derived into. The words are stored: only ever add to them."""

    SEAL = "seal"
    """Record keys, one for each secret version."""
    SIGN = "sign"
    """The key that signs receipts and checkpoints."""
    TOKEN = "token"  # noqa: S105  the word for a purpose
    """The key that API tokens are hashed with."""


class KeyState(Enum):
    """What a data key is still good for. The words are stored: only ever add to them."""

    ACTIVE = "active"
    """Seals new values; there is exactly one for each purpose."""
    RETIRED = "retired"
    """Opens old values only."""
    DESTROYED = "destroyed"
    """Opens nothing; its wrapped bytes are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """A data key, wrapped under the root key. `id` is 16 hexadecimal digits, drawn at random."""

    id: str
    purpose: KeyPurpose = KeyPurpose.SEAL
    state: KeyState
    created_at: datetime
    retired_at: datetime | None = None
    destroyed_at: datetime | None = None
    wrapped: str = field(repr=False)

    def retired(self, now: datetime) -> "DataKey":
        """Return the key as one that opens old values only."""
        return replace(self, state=KeyState.RETIRED, retired_at=now)

    def destroyed(self, now: datetime) -> "DataKey":
        """Return the key without its wrapped bytes."""
        return replace(self, state=KeyState.DESTROYED, destroyed_at=now, wrapped="")
