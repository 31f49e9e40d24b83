"""Data keys as they are stored: wrapped, with a purpose and a state."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

DATA_KEY_BYTES = 32
"""Length of a data key."""

SECOND_FORM = "2:"
"""Begins what was wrapped since the tip of the audit log is vouched for.

The root key binds what it wraps to the form as well, so nobody else can take a key from one form to
the other. A store that has a key of the second form has a key of the purpose `audit` and a tag:
without that, whoever writes the database could take both away and have a later start begin anew."""


class KeyPurpose(Enum):
    """What a data key is derived into. The words are stored: only ever add to them."""

    SEAL = "seal"
    """Record keys, one for each secret version."""
    SIGN = "sign"
    """The key that signs receipts and checkpoints."""
    TOKEN = "token"  # noqa: S105  the word for a purpose
    """The key that API tokens are hashed with."""
    AUDIT = "audit"
    """The key that vouches for the tip of the audit log."""


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

    @property
    def is_of_second_form(self) -> bool:
        """Tell whether it was wrapped since the tip of the audit log is vouched for."""
        return self.wrapped.startswith(SECOND_FORM)

    def retired(self, now: datetime) -> "DataKey":
        """Return the key as one that opens old values only."""
        return replace(self, state=KeyState.RETIRED, retired_at=now)

    def destroyed(self, now: datetime) -> "DataKey":
        """Return the key without its wrapped bytes."""
        return replace(self, state=KeyState.DESTROYED, destroyed_at=now, wrapped="")
