"""The disk that a folder lies on."""

import os
from pathlib import Path

from domain.ports.room import Room


class Disk(Room):
    """Asks the file system."""

    def __init__(self, folder: Path) -> None:
        """Take a folder, which need not be there yet."""
        self._folder = folder

    def used_percent(self) -> int | None:
        """Return how full it is for those who are not root, or `None` where nobody can tell."""
        try:
            found = os.statvfs(self._folder)
        except OSError:
            return None
        used = found.f_blocks - found.f_bfree
        whole = used + found.f_bavail
        return None if whole <= 0 else 100 * used // whole
