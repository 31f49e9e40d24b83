"""Sealing in the age format (C2SP age), with X25519 recipients. The tool `age` opens it too."""

import contextlib
import io
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyrage

from domain.backups.encoding import BackupBroken
from domain.errors import StartRefused
from domain.ports.backup_place import Source, Target
from domain.ports.backup_seal import BackupOpener, BackupSealer, NotForUs

PIECE = 64 * 1024


class AgeSealer(BackupSealer):
    """Seals for its recipients, and for a key of its own that is never written down.

    So a server that cannot open its backups later can still prove each of them once.
    """

    def __init__(self, recipients: Sequence[str]) -> None:
        """Take recipients such as `age1…`.

        Raises:
            StartRefused: there is none, or one is malformed.
        """
        if not recipients:
            raise StartRefused(
                "backups need somebody to be sealed for: name recipients ('strongroom backup"
                " keygen' makes one), or ask for unencrypted ones explicitly"
            )
        self._own = pyrage.x25519.Identity.generate()
        self._recipients = [parse_recipient(recipient) for recipient in recipients]

    @property
    def suffix(self) -> str:
        """Return `.age`."""
        return ".age"

    def seal(self, pieces: Iterable[bytes], target: Target) -> None:
        """Seal a stream, 64 KiB in memory at a time."""
        reading, writing = _Reading(pieces), _Writing(target)
        try:
            pyrage.encrypt_io(reading, writing, [*self._recipients, self._own.to_public()])
        except (pyrage.EncryptError, OSError):
            error = reading.error or writing.error
            if error is not None:
                raise error from None
            raise

    def own_opener(self) -> BackupOpener:
        """Return what opens streams that this sealer has sealed."""
        return AgeOpener([self._own])


class AgeOpener(BackupOpener):
    """Opens with any of its identities."""

    def __init__(self, identities: Sequence[Any]) -> None:
        """Take the identities, as `parse_identities` returns them."""
        self._identities = identities

    @contextlib.contextmanager
    def opened(self, source: Source) -> Iterator[Iterator[bytes]]:
        """Give what was sealed, piece by piece, through a pipe from a thread of its own."""
        opening = _Opening(source, self._identities)
        try:
            yield opening.pieces()
        finally:
            opening.end()


def parse_recipient(text: str) -> Any:
    """Return a recipient.

    Raises:
        StartRefused: it is none.
    """
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise StartRefused("a recipient of backups is malformed; it looks like age1…") from None


def parse_identities(text: str) -> Sequence[Any]:
    """Return the identities in the text of an identity file.

    Raises:
        StartRefused: it holds none, or something else.
    """
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    try:
        identities = [pyrage.x25519.Identity.from_str(line) for line in found]
    except pyrage.IdentityError:
        identities = []
    if not identities:
        raise StartRefused("the identity file holds no identity such as AGE-SECRET-KEY-1…")
    return identities


def new_identity() -> tuple[str, str]:
    """Return a new identity and its recipient, as texts."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def lock_identity(text: str, passphrase: str) -> bytes:
    """Seal the text of an identity file with a passphrase (scrypt), as `age -p` does."""
    return bytes(pyrage.passphrase.encrypt(text.encode(), passphrase, armored=True))


def unlock_identity(sealed: bytes, passphrase: str) -> str:
    """Open the text of an identity file.

    Raises:
        StartRefused: the passphrase is another one, or the file is damaged.
    """
    try:
        return bytes(pyrage.passphrase.decrypt(sealed, passphrase)).decode()
    except (pyrage.DecryptError, OSError, UnicodeDecodeError):
        raise StartRefused("the passphrase does not open the identity file") from None


def is_locked(data: bytes) -> bool:
    """Tell whether an identity file is sealed with a passphrase."""
    return data.lstrip().startswith((b"age-encryption.org/", b"-----BEGIN AGE"))


class _Reading(io.BufferedIOBase):
    """Pieces as a file, which keeps what they raise: the library does not."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")
        self.error: BaseException | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes, and none at the end."""
        try:
            while not self._rest:
                self._rest = memoryview(next(self._pieces))
        except StopIteration:
            return b""
        except BaseException as error:
            self.error = error
            raise
        most = PIECE if size is None or size < 0 else size
        taken, self._rest = self._rest[:most], self._rest[most:]
        return bytes(taken)


class _Writing(io.BufferedIOBase):
    """A target as the library wants it, which keeps what it raises."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.error: BaseException | None = None

    def write(self, data: Any, /) -> int:
        """Take all of the bytes."""
        try:
            self._target.write(data)
        except BaseException as error:
            self.error = error
            raise
        return len(data)

    def flush(self) -> None:
        """Do nothing: the target sees to that."""


class _Opening:
    """A thread that opens, and the pipe that it writes into."""

    def __init__(self, source: Source, identities: Sequence[Any]) -> None:
        self._source = source
        self._identities = identities
        self._error: BaseException | None = None
        self._out, self._in = os.pipe()
        self._thread = threading.Thread(target=self._run, name="age", daemon=True)
        self._thread.start()

    def pieces(self) -> Iterator[bytes]:
        """Take what comes; at the end see that it was the end."""
        with open(self._out, "rb", buffering=0, closefd=False) as pipe:
            while piece := pipe.read(PIECE):
                yield piece
        self._thread.join()
        if self._error is not None:
            raise _explained(self._error)

    def end(self) -> None:
        """Stop the thread, and close the pipe."""
        os.close(self._out)
        self._thread.join()

    def _run(self) -> None:
        """Open everything. A pipe that nobody reads any more ends it."""
        reading = _Pulling(self._source)
        try:
            with open(self._in, "wb", buffering=0) as pipe:
                pyrage.decrypt_io(reading, _Piped(pipe), self._identities)
        except BaseException as error:  # noqa: BLE001  raised again where the pieces are taken
            self._error = reading.error or error


class _Pulling(io.BufferedIOBase):
    """A source as the library wants it, which keeps what it raises."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.error: BaseException | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes."""
        try:
            return self._source.read(PIECE if size is None or size < 0 else size)
        except BaseException as error:
            self.error = error
            raise


class _Piped(io.BufferedIOBase):
    """The writing end of a pipe."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe

    def write(self, data: Any, /) -> int:
        """Write all of the bytes, waiting for whoever takes them."""
        view = memoryview(data)
        while view:
            view = view[self._pipe.write(view) :]
        return len(data)

    def flush(self) -> None:
        """Do nothing."""


def _explained(error: BaseException) -> BaseException:
    """Return the port's own error."""
    if isinstance(error, pyrage.DecryptError):
        if "No matching keys" in str(error):
            return NotForUs("no identity at hand opens the backup; name the one that it is for")
        return BackupBroken("the backup is damaged, or it is not sealed with age")
    if isinstance(error, OSError):
        return BackupBroken("the backup is damaged or cut off: it does not authenticate")
    return error
