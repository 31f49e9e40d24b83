"""Whom files are open to."""

import contextlib
import stat
from pathlib import Path


def close_to_others(*files: Path) -> None:
    """Take away everybody else's right to those of the files that are there."""
    for file in files:
        with contextlib.suppress(FileNotFoundError):
            mode = file.lstat().st_mode
            if stat.S_ISREG(mode) and mode & 0o077:
                file.chmod(0o600)
