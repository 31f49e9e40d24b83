"""Data keys as they are stored: wrapped, with a state."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

DATA_KEY_BYTES = 32
"""Length of a data key."""


class KeyState(Enum):
    """What a data key is still good for."""

    ACTIVE = "active"
    """Seals new values; there is exactly one."""
    RETIRED = "retired"
    """Opens old values only."""
    DESTROYED = "destroyed"
    """Opens nothing; its wrapped bytes are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """A data key, wrapped under the root key. `id` is 16 hexadecimal digits, drawn at random."""

    id: str
    state: KeyState
    created_at: datetime
    wrapped: str = field(repr=False)
