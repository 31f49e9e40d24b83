"""The store in memory: the twin that every other store is compared with."""

from adapters.memory.storage import MemoryStorage
from adapters.memory.tables import Change, Keep, row_types

__all__ = ["Change", "Keep", "MemoryStorage", "row_types"]
