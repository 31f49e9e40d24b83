"""The data folder: made if need be, for the owner only, and locked while it is prepared."""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from domain.errors import StartRefused


def ensure(folder: Path, *, known: Path) -> None:
    """Make the folder, or see that it is fit to hold a key.

    A folder that others can enter is closed to them when it is ours for sure: when it is empty,
    or has the database in it already (an earlier backend's folder). Any other is refused.

    Args:
        folder: the data folder.
        known: the database file, whose presence makes the folder ours.

    Raises:
        StartRefused: the folder cannot be made or used; the message says what to do.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError as error:
        raise StartRefused(f"the data folder {folder} cannot be made: {error.strerror}") from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StartRefused(f"the data folder {folder} cannot be written; check its owner and mode")
    if status.st_mode & 0o077:
        _close(folder, status, ours=known.exists() or not any(folder.iterdir()))


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder while it is prepared; a second server waits here."""
    descriptor = os.open(
        folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _close(folder: Path, status: os.stat_result, *, ours: bool) -> None:
    """Take away everybody else's right to the folder, if it is ours to do."""
    if not ours or status.st_uid != os.geteuid() or status.st_mode & stat.S_ISVTX:
        raise StartRefused(
            f"the data folder {folder} is open to others; choose a folder of its own,"
            f" or mend it with: chmod 700 {folder}"
        )
    folder.chmod(0o700)
