"""Keys of an issuer in a file of the operator's, read again when it changes."""

import os
from pathlib import Path

import structlog

from adapters.jwt.issuer_keys import IssuerKeys, KeysAway
from adapters.jwt.key_set import MAX_BYTES, KeySet, read_key_set
from adapters.jwt.strict_json import NotReadable

_log = structlog.get_logger("strongroom")

Mark = tuple[int, ...]
"""What changes with a file."""


class KeysInFile(IssuerKeys):
    """Looks at the file with every token; to look costs about two microseconds.

    A file that is gone, or cannot be read, has no keys: whoever takes keys away must not have to
    do it well.
    """

    def __init__(self, path: Path, *, issuer: str) -> None:
        """Take the file, and the name of the issuer for the log."""
        self._path = path
        self._issuer = issuer
        self._read: tuple[Mark | None, KeySet | None] = (None, None)

    def current(self) -> KeySet:
        """Return the keys that are in the file.

        Raises:
            KeysAway: it cannot be read.
        """
        mark = self._mark()
        known, keys = self._read
        if mark is None or mark != known:
            keys = self._read_again()
            self._read = (mark, keys)
        if keys is None:
            raise KeysAway
        return keys

    def look_again(self) -> None:
        """Do nothing: the file was looked at just now."""

    def _mark(self) -> Mark | None:
        """Return what tells this content of the file from another."""
        try:
            found = os.stat(self._path)  # noqa: PTH116  half the time of pathlib's
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)

    def _read_again(self) -> KeySet | None:
        """Read the file, and tell in the log when that fails."""
        try:
            with self._path.open("rb") as file:
                return read_key_set(file.read(MAX_BYTES + 1)[: MAX_BYTES + 1])
        except (OSError, NotReadable) as error:
            detail = str(error) if isinstance(error, NotReadable) else type(error).__name__
            _log.warning("keys of an issuer cannot be read", issuer=self._issuer, detail=detail)
            return None
