"""A file that is only ever appended to, and put aside when it has become long."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from domain.ports.audit_sink import AuditSink, SinkUnavailable

_TAIL = 64 * 1024
"""How far back the beginning of a piece that was cut off is looked for, in bytes."""


class AppendedFile(AuditSink):
    """Appends pieces of text, and has them on disk before it returns.

    A piece that a crash has cut off is taken away before the next one: it comes again whole.
    """

    def __init__(
        self, path: Path, *, end: str = "\n", begins: tuple[str, ...], max_bytes: int = 0
    ) -> None:
        """Take the place, which need not be there yet; its folder must be.

        Args:
            path: the file.
            end: what every piece ends with.
            begins: what a piece, or the part behind an `end` within it, begins with. Whatever else
                stands at the end of the file is not ours, and is left alone.
            max_bytes: when the file would become longer, it is renamed to `<name>.<number>`, where
                the highest number is the newest; 0 for never. Nothing is ever deleted.
        """
        self._path = path.absolute()
        self._end = end.encode()
        self._begins = tuple(text.encode() for text in begins)
        self._max_bytes = max_bytes

    @property
    def name(self) -> str:
        """Return a name for the place."""
        return f"file {hashlib.sha256(os.fsencode(self._path)).hexdigest()[:32]}"

    def write(self, lines: Sequence[str]) -> None:
        """Append pieces.

        Raises:
            SinkUnavailable: the file cannot be written.
        """
        pieces = [line.encode() + self._end for line in lines]
        try:
            while pieces:
                pieces = pieces[self._append(pieces) :]
        except OSError as error:
            reason = (error.strerror or "unknown").lower()
            raise SinkUnavailable(f"{self._path} cannot be written: {reason}") from error

    def _append(self, pieces: Sequence[bytes]) -> int:
        """Append what fits into the file and put it aside if something is left; return how many."""
        is_new = not self._path.exists()
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self._path, flags, 0o600), "r+b", buffering=0) as file:
            size = self._mend(file.fileno())
            fitting, more = list[bytes](), size
            for piece in pieces:
                if self._max_bytes and more and more + len(piece) > self._max_bytes:
                    break
                fitting.append(piece)
                more += len(piece)
            _write_all(file.fileno(), b"".join(fitting))
            os.fsync(file.fileno())
        if len(fitting) < len(pieces):
            self._path.rename(self._next_name())
        if is_new or len(fitting) < len(pieces):
            _sync_folder(self._path.parent)
        return len(fitting)

    def _mend(self, descriptor: int) -> int:
        """Take away a piece that was cut off; return the size of the file."""
        size = os.fstat(descriptor).st_size
        start = max(0, size - _TAIL)
        tail = os.pread(descriptor, size - start, start)
        cut = tail[tail.rfind(self._end) + len(self._end) :] if self._end in tail else tail
        if not cut:
            return size
        if any(cut.startswith(mark) or mark.startswith(cut) for mark in self._begins):
            os.ftruncate(descriptor, size - len(cut))
            return size - len(cut)
        _write_all(descriptor, self._end)
        return size + len(self._end)

    def _next_name(self) -> Path:
        """Return the name to put the file aside under."""
        beside = (item.name for item in self._path.parent.glob(f"{self._path.name}.*"))
        numbers = [
            int(end) for end in (name.rpartition(".")[2] for name in beside) if end.isdigit()
        ]
        return self._path.with_name(f"{self._path.name}.{max(numbers, default=0) + 1:06}")


def _write_all(descriptor: int, data: bytes) -> None:
    """Write everything; the system may take it in parts."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    """Have the names of files on disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
