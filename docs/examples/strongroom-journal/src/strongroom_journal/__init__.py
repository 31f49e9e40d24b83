"""A store of Strongroom that keeps everything in memory, and every change in one file."""

from strongroom_journal.store import JournalStore

__all__ = ["JournalStore"]
