"""What is wrong around a SQLite file: owners and modes, old copies, room on the disk."""

import os
from collections.abc import Iterator
from pathlib import Path

from adapters.system import exposure
from domain.health.finding import Finding, error, note, warning

FULL_BYTES = 1024 * 1024
"""Below this the disk counts as full, and the server as not ready."""

LOW_BYTES = 64 * 1024 * 1024
"""Below this somebody should see to the disk, however small the database is."""

_BESIDE = ("", "-wal", "-shm", "-journal")
_OF_EARLIER_BACKEND = "-from-0001-"
"""What is in the name of a copy made before tokens were taken over."""


def examine(path: Path) -> Iterator[Finding]:
    """Say what is wrong around the file, whether or not it is there."""
    owner = exposure.owner_of(path.parent)
    copies = sorted(path.parent.glob(f"{path.name}.before-*"))
    copies += sorted(path.parent.glob(f"{path.name}.replaced-*"))
    for file in (*(path.with_name(f"{path.name}{end}") for end in _BESIDE), *copies):
        yield from exposure.of_file(file, check="files", owner=owner)
    for copy in copies:
        yield _of_copy(copy)
    yield from _of_interrupted_change(path)
    yield from _of_disk(path)


def _of_copy(copy: Path) -> Finding:
    """Tell of a copy that was made before an upgrade, or put aside by a restore."""
    mend = f"when you are content with what the server has: rm {exposure.quoted(copy)}"
    if _OF_EARLIER_BACKEND in copy.name:
        return warning(
            "files", f"{copy} still holds the tokens of the earlier backend, bound to nothing", mend
        )
    of = "a restore" if ".replaced-" in copy.name else "an upgrade"
    return note("files", f"{copy} is left from before {of}, and opens with the keys", mend)


def _of_interrupted_change(path: Path) -> Iterator[Finding]:
    """Tell of a change that another program began and did not end."""
    journal = path.with_name(f"{path.name}-journal")
    if journal.is_file() and journal.stat().st_size:
        yield warning(
            "files",
            f"{journal} holds a change that was cut off, as when a backend is killed",
            "start the backend that made it once more, which undoes it, and stop it again",
        )


def _of_disk(path: Path) -> Iterator[Finding]:
    """Compare what is free with what a copy of the database takes."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return  # without a folder there is no disk to speak of
    free = disk.f_bavail * disk.f_frsize
    size = sum(_size(path.with_name(f"{path.name}{end}")) for end in _BESIDE)
    if free < FULL_BYTES:
        yield error("disk_space", f"the disk of {path} is full", "make room on it")
    elif free < LOW_BYTES:
        yield warning(
            "disk_space", f"the disk of {path} has {_megabytes(free)} left", "make room on it"
        )
    elif free < size + LOW_BYTES:
        yield warning(
            "disk_space",
            f"the disk of {path} has {_megabytes(free)} left, and a copy of the database, which an"
            f" upgrade makes first, takes {_megabytes(size)}",
            "make room on it before the next upgrade",
        )


def _size(path: Path) -> int:
    """Return the size of a file, 0 without one."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _megabytes(count: int) -> str:
    """Write a number of bytes for people."""
    return f"{count // (1024 * 1024)} MiB"
