"""Lines packed small (gzip, RFC 1952) and taken apart again, a little in memory at a time."""

import zlib
from collections.abc import Iterable, Iterator

from domain.backups.encoding import BackupBroken

PIECE = 64 * 1024
"""How many bytes are packed or taken apart at once, roughly."""

MAX_LINE = 32 * 1024 * 1024
"""The longest line that is read, in bytes: many times the largest value, sealed and in base64."""

_GZIP = 16 + zlib.MAX_WBITS
_FASTEST = 1
"""Sealed values hardly get smaller, and everything else does so at once."""


def packed(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Return the pieces of one gzip member; equal lines give equal bytes."""
    pack = zlib.compressobj(_FASTEST, zlib.DEFLATED, _GZIP)
    waiting, size = list[bytes](), 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= PIECE:
            yield pack.compress(b"".join(waiting))
            waiting, size = [], 0
    yield pack.compress(b"".join(waiting)) + pack.flush()


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Return the lines, each with its line end.

    Raises:
        BackupBroken: it is no gzip member, or damaged, or cut off, or something follows it, or a
            line is longer than any that is written.
    """
    rest, size = list[bytes](), 0
    for block in _blocks(pieces):
        *lines, last = block.split(b"\n")
        if lines:
            yield b"".join([*rest, lines[0], b"\n"])
            yield from (line + b"\n" for line in lines[1:])
            rest, size = [], 0
        rest.append(last)
        size += len(last)
        if size > MAX_LINE:
            raise BackupBroken("a line of the backup is longer than any that is written")
    if size:
        raise BackupBroken("the backup is cut off in the middle of a line")


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Take pieces apart, never more than one block in memory."""
    unpack = zlib.decompressobj(_GZIP)
    try:
        for piece in pieces:
            waiting = piece
            while waiting:
                if unpack.eof:
                    raise BackupBroken("something follows the end of the backup")
                yield unpack.decompress(waiting, PIECE)
                waiting = unpack.unconsumed_tail or unpack.unused_data
        yield unpack.flush()
    except zlib.error:
        raise BackupBroken("the backup is damaged: it cannot be unpacked") from None
    if not unpack.eof:
        raise BackupBroken("the backup is cut off")
