"""The file of a journal, held by one process."""

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from adapters.memory import Change
from domain.errors import StartRefused, StorageUnavailable
from strongroom_journal import records


class JournalFile:
    """Appends lines that are on the disk when `append` returns.

    The lock ends with the process, however it ends.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it, and take the lock.

        Raises:
            StartRefused: another process has it, or it is no regular file.
            OSError: it cannot be opened.
        """
        self._path = path
        self._end = 0
        self._broken = False
        # O_NOFOLLOW: a link planted by somebody else must not choose the file.
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o600)
        try:
            self._take()
        except BaseException:
            self.close()
            raise

    def begin(self) -> None:
        """Write the first line, unless it is there, and take others' right to the file away."""
        os.fchmod(self._descriptor, 0o600)
        if records.revision_of(self._read()) is None:
            self._cut(0)
            self._write(records.FIRST_LINE)
            _sync_folder(self._path.parent)

    def replay(self) -> Sequence[Change]:
        """Return every change so far, and cut off a line that was torn.

        Raises:
            StartRefused: the file is damaged, or not ours.
        """
        text = self._read()
        if records.revision_of(text) is None:
            raise StartRefused("the journal has not been made; start the server, or upgrade it")
        changes, self._end = records.parse(text)
        if self._end < len(text):
            self._cut(self._end)
        return changes

    def append(self, changes: Sequence[Change]) -> None:
        """Write the changes of one unit of work, and have them on the disk.

        Raises:
            StorageUnavailable: the disk does not take them. The file is as it was; where even that
                cannot be seen to, nothing more is taken until the next start reads it anew.
        """
        if self._broken:
            raise StorageUnavailable("the journal could not be mended after a failure, start again")
        try:
            self._write(records.render(changes))
        except OSError as error:
            self._broken = True
            with contextlib.suppress(OSError):
                self._cut(self._end)
                self._broken = False
            code = errno.errorcode.get(error.errno or 0, "?")
            raise StorageUnavailable(f"the journal cannot be written now ({code})") from error

    def close(self) -> None:
        """Let go of the file and its lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _take(self) -> None:
        """Lock the file."""
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            raise StartRefused("what 'database_url' names is no regular file")
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartRefused(
                f"the journal {self._path} is open in another process; stop that first"
            ) from None

    def _read(self) -> bytes:
        """Return the whole text."""
        with open(self._descriptor, "rb", closefd=False) as file:
            file.seek(0)
            return file.read()

    def _write(self, line: bytes) -> None:
        """Write a line behind the last one, and have it on the disk."""
        written = 0
        while written < len(line):
            written += os.pwrite(self._descriptor, line[written:], self._end + written)
        os.fsync(self._descriptor)
        self._end += len(line)

    def _cut(self, end: int) -> None:
        """Take away what stands behind a place."""
        os.ftruncate(self._descriptor, end)
        os.fsync(self._descriptor)


def _sync_folder(folder: Path) -> None:
    """Have the folder's entries on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
