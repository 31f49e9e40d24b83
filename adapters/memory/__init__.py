"""The store in memory: the twin that every other store is compared with."""

from adapters.memory.storage import MemoryStorage

__all__ = ["MemoryStorage"]
