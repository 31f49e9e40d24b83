"""The root key in a file: 44 characters of base64url, for the owner's eyes only."""

import contextlib
import os
import stat
from pathlib import Path

from adapters import base64url
from adapters.root_keys.local import ROOT_KEY_BYTES, LocalRootKey
from domain.errors import WrongRootKey

_MAX_FILE = 128


def load(path: Path, *, must_be_closed: bool = True) -> LocalRootKey:
    """Read the key.

    Args:
        path: the key file.
        must_be_closed: refuse a file that others can read; not so for an earlier backend's
            file, which is closed as soon as the key has been seen to fit.

    Raises:
        WrongRootKey: the file is missing, no regular file, open to others, or holds no key.
            The message names the file and the way back.
    """
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


def create(path: Path) -> None:
    """Make a new key, unless there is one already, and have it on disk before returning.

    Two servers that start at once end up with the same key: the whole file appears under its
    name in one step (`link`), and only for the first.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(base64url.encode(os.urandom(ROOT_KEY_BYTES)).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path, follow_symlinks=False)
    finally:
        draft.unlink()
    _sync_folder(path.parent)


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
