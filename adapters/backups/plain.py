"""No sealing. Values are sealed in any case; names, descriptions and the audit log are not."""

import contextlib
from collections.abc import Iterable, Iterator

from domain.ports.backup_place import Source, Target
from domain.ports.backup_seal import BackupOpener, BackupSealer

PIECE = 64 * 1024


class PlainSealer(BackupSealer):
    """Hands everything on as it is, for those who asked for that in so many words."""

    @property
    def suffix(self) -> str:
        """Return nothing."""
        return ""

    def seal(self, pieces: Iterable[bytes], target: Target) -> None:
        """Hand the pieces on."""
        for piece in pieces:
            target.write(piece)

    def own_opener(self) -> BackupOpener:
        """Return what reads it back."""
        return PlainOpener()


class PlainOpener(BackupOpener):
    """Reads what was not sealed."""

    @contextlib.contextmanager
    def opened(self, source: Source) -> Iterator[Iterator[bytes]]:
        """Give what is there, piece by piece."""
        yield iter(lambda: source.read(PIECE), b"")
