"""The root key in a file: 44 characters of base64url, for the owner's eyes only."""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from adapters import base64url
from adapters.root_keys.local import ROOT_KEY_BYTES, LocalRootKey
from domain.errors import WrongRootKey
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import FirstRootKey, RootKeySource, RootKeySuccession

_MAX_FILE = 128


class FileRootKeySource(RootKeySource, FirstRootKey, RootKeySuccession):
    """Keeps the key in one file, and for the length of a rotation its successor beside it."""

    def __init__(self, path: Path) -> None:
        """Take the path of the key file; its successor is `<path>.next`."""
        self._path = path
        self._next = path.with_name(f"{path.name}.next")

    @classmethod
    def at(cls, address: str) -> "FileRootKeySource":
        """Return the source of the URI `file:<address>`."""
        return cls(Path(address))

    @property
    def uri(self) -> str:
        """Return `file:` and the path."""
        return f"file:{self._path}"

    @property
    def path(self) -> Path:
        """Return the path of the key file."""
        return self._path

    def exists(self) -> bool:
        """Tell whether something has the file's name."""
        return self._path.exists() or self._path.is_symlink()

    def create(self) -> None:
        """Make a key, unless there is one already.

        Raises:
            WrongRootKey: the file cannot be written.
        """
        with self._turn():
            _create(self._path)

    def load(self) -> LocalRootKey:
        """Read the key.

        Raises:
            WrongRootKey: the file is missing, no regular file, open to others, or holds no key.
                The message names the file and the way back.
        """
        return _load(self._path, must_be_closed=True)

    def load_of_earlier_backend(self) -> LocalRootKey:
        """Read the key of an earlier backend, which did not close its file to others.

        The file is to be closed as soon as the key has been seen to fit.

        Raises:
            WrongRootKey: as for `load`, but not for a file that others can read.
        """
        return _load(self._path, must_be_closed=False)

    def propose(self) -> RootKey:
        """Make a successor beside the key, or return the one that lies there.

        Raises:
            WrongRootKey: the file cannot be written, or something else has its name.
        """
        with self._turn():
            _create(self._next)
            return _load(self._next, must_be_closed=True)

    def proposed(self) -> RootKey | None:
        """Return the successor, if there is one that can be read."""
        try:
            return _load(self._next, must_be_closed=True)
        except WrongRootKey:
            return None

    def adopt(self, successor: RootKey) -> None:
        """Put the successor in the key's place, unless that has been done.

        Another process may have adopted it and proposed the next one already. So the file is
        compared with the key that is meant, and nobody proposes in between.
        """
        with self._turn():
            if self.proposed() == successor:
                self._next.replace(self._path)
                _sync_folder(self._path.parent)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Keep other processes from proposing and adopting meanwhile."""
        try:
            descriptor = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise WrongRootKey(
                f"the folder of the key file {self._path} cannot be used: {error.strerror}"
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _load(path: Path, *, must_be_closed: bool) -> LocalRootKey:
    """Read a key file."""
    try:
        # O_NOFOLLOW: a link planted by somebody else must not choose the key.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise WrongRootKey(
            f"the key file {path} is missing; put it back from your backup"
        ) from None
    except OSError as error:
        raise WrongRootKey(f"the key file {path} cannot be read: {error.strerror}") from None
    with open(descriptor, "rb") as file:
        _check_status(path, os.fstat(descriptor), must_be_closed=must_be_closed)
        return LocalRootKey(_parse(path, file.read(_MAX_FILE)), source=f"file:{path}")


def _create(path: Path) -> None:
    """Make a new key, unless there is one already, and have it on disk before returning.

    Two servers that start at once end up with the same key: the whole file appears under its
    name in one step (`link`), and only for the first. Whoever has the turn is alone, so a draft
    that lies there is of a process that was killed.
    """
    for stale in path.parent.glob(f".{path.name}.*.draft"):
        stale.unlink()
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}.draft")
    try:
        try:
            _write(draft)
            with contextlib.suppress(FileExistsError):
                os.link(draft, path, follow_symlinks=False)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise WrongRootKey(f"the key file {path} cannot be made: {error.strerror}") from None


def _write(draft: Path) -> None:
    """Write a key into a file that must not exist yet."""
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as file:
        file.write(base64url.encode(os.urandom(ROOT_KEY_BYTES)).encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


def _check_status(path: Path, status: os.stat_result, *, must_be_closed: bool) -> None:
    """Refuse what is no regular file, or is open to others."""
    if not stat.S_ISREG(status.st_mode):
        raise WrongRootKey(f"the key file {path} is not a regular file")
    if must_be_closed and status.st_mode & 0o077:
        raise WrongRootKey(
            f"the key file {path} can be read by others; mend it with: chmod 600 {path}"
        )


def _parse(path: Path, content: bytes) -> bytes:
    """Return the 32 bytes that the file's text stands for; one line end is allowed."""
    try:
        key = base64url.decode(content.decode("ascii").removesuffix("\n").removesuffix("\r"))
    except ValueError:
        key = b""
    if len(key) != ROOT_KEY_BYTES:
        raise WrongRootKey(
            f"the key file {path} does not hold a key (44 characters of base64url);"
            " put it back from your backup"
        )
    return key


def _sync_folder(folder: Path) -> None:
    """Have the folder's entries on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
