"""Backups as files in a folder."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from adapters.backups.locking import locked
from domain.backups.name import parse_name
from domain.errors import StartRefused
from domain.ports.backup_place import (
    BackupPlace,
    Lying,
    NoSuchBackup,
    PlaceUnavailable,
    Source,
    Target,
)

UNFINISHED = ".part"
"""What the name of a file ends with until it is whole."""


class FolderPlace(BackupPlace):
    """Keeps each backup in a file of its own, for the owner's eyes only."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which is made when the first backup comes."""
        self._folder = folder

    @classmethod
    def at(cls, uri: str) -> "FolderPlace":
        """Return the place of the URI `file:<folder>`.

        Raises:
            StartRefused: it names no folder.
        """
        folder = uri.removeprefix("file:").removeprefix("//")
        if not folder:
            raise StartRefused("the setting 'backup_place' must have the form file:/folder")
        return cls(Path(folder))

    @property
    def uri(self) -> str:
        """Return `file:` and the folder."""
        return f"file:{self._folder}"

    def is_there(self) -> bool:
        """Tell whether there is such a folder."""
        return self._folder.is_dir()

    def put(self, name: str, write: Callable[[Target], None]) -> int:
        """Keep what is written: under another name until it is whole and on the disk."""
        with self._available():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self._folder / f"{_plain(name)}{UNFINISHED}"
            with locked(self._folder):
                self._erase_unfinished()
                descriptor = _made(part)
        try:
            with self._available(), open(descriptor, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
                part.replace(self._folder / name)
                _synced(self._folder)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        return size

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[Source]:
        """Give the file, until the block ends.

        Raises:
            NoSuchBackup: there is none.
        """
        try:
            file = (self._folder / _plain(name)).open("rb")
        except (FileNotFoundError, NotADirectoryError):
            raise NoSuchBackup from None
        except OSError as error:
            raise self._unavailable(error) from error
        with file:
            yield _Reading(file.read, self._unavailable)

    def list(self) -> Sequence[Lying]:
        """Return the backups, by name."""
        with self._available():
            if not self._folder.is_dir():
                return []
            found = [path for path in self._folder.iterdir() if parse_name(path.name) is not None]
            return sorted(
                (Lying(name=path.name, bytes=path.stat().st_size) for path in found),
                key=lambda lying: lying.name,
            )

    def remove(self, name: str) -> None:
        """Erase a backup, if it is there."""
        with self._available():
            (self._folder / _plain(name)).unlink(missing_ok=True)
            _synced(self._folder)

    def _erase_unfinished(self) -> None:
        """Erase what a process that was killed has left; one that still writes holds a lock."""
        for part in self._folder.glob(f"strongroom-*{UNFINISHED}"):
            with contextlib.suppress(OSError), part.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part.unlink()

    @contextlib.contextmanager
    def _available(self) -> Iterator[None]:
        """Turn what the system says into the port's own error."""
        try:
            yield
        except OSError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: OSError) -> PlaceUnavailable:
        """Say what is wrong."""
        return PlaceUnavailable(
            f"the place of backups {self.uri} cannot be used now ({error.strerror})"
        )


class _Reading:
    """A file whose errors are the port's own."""

    def __init__(
        self, read: Callable[[int], bytes], unavailable: Callable[[OSError], Exception]
    ) -> None:
        self._read = read
        self._unavailable = unavailable

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, and none at the end."""
        try:
            return self._read(size)
        except OSError as error:
            raise self._unavailable(error) from error


def _made(part: Path) -> int:
    """Make a new file, with its lock taken."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(part, flags, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _plain(name: str) -> str:
    """Return a name that leads nowhere else.

    Raises:
        NoSuchBackup: it might.
    """
    if "/" in name or name in {"", ".", ".."}:
        raise NoSuchBackup
    return name


def _synced(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
