"""Reading small files that hold a secret, and refusing those that others can read as well."""

import os
import stat
from pathlib import Path

from domain.errors import WrongRootKey

MAX_BYTES = 4096
"""More than any key, passphrase or token has; so a wrong path does not fill the memory."""

OTHERS = 0o007
OTHERS_AND_GROUP = 0o077

_HANDED_IN = (Path("/run/secrets"), Path("/var/run/secrets"))


def read(path: Path, *, what: str, way_back: str, closed_to: int = OTHERS_AND_GROUP) -> bytes:
    """Return what the file holds. No symbolic link is followed.

    Args:
        path: the file.
        what: what it is, for messages: `the key file`.
        way_back: what to do when it is missing.
        closed_to: the mode bits that must not be set; 0 for none.

    Raises:
        WrongRootKey: the file is missing, unreadable, no regular file, or open to others.
    """
    # O_NOFOLLOW: a link planted by somebody else must not choose the key.
    with open(_open(path, os.O_NOFOLLOW, what, way_back), "rb") as file:
        _check(path, os.fstat(file.fileno()), what, closed_to)
        return file.read(MAX_BYTES)


def read_handed_in(path: Path, *, what: str, way_back: str) -> bytes:
    """Return what a file holds that somebody put there for this process, such as a container.

    Kubernetes hands secrets in through symbolic links, Docker and Podman with mode 0444. Who
    sees them is decided by the mount, which is the container's own. So links are followed, and
    the mode does not count for what lies under `/run/secrets` or in a mount that is read-only.

    Raises:
        WrongRootKey: the file is missing, unreadable, no regular file, or open to others.
    """
    with open(_open(path, 0, what, way_back), "rb") as file:
        flags = os.fstatvfs(file.fileno()).f_flag
        closed_to = 0 if is_handed_in(path, flags) else OTHERS_AND_GROUP
        _check(path, os.fstat(file.fileno()), what, closed_to)
        return file.read(MAX_BYTES)


def is_handed_in(path: Path, flags: int) -> bool:
    """Tell whether a file lies where only a container's keeper can have put it.

    Args:
        path: the file; links in it are not resolved, so a link elsewhere does not count.
        flags: `f_flag` of the file system that it lies in.
    """
    lexical = Path(os.path.abspath(path))  # noqa: PTH100  `resolve` would follow links
    return bool(flags & os.ST_RDONLY) or any(lexical.is_relative_to(place) for place in _HANDED_IN)


def _open(path: Path, follow: int, what: str, way_back: str) -> int:
    """Open for reading, never waiting for the other end of a pipe."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | follow)
    except FileNotFoundError:
        raise WrongRootKey(f"{what} {path} is missing; {way_back}") from None
    except OSError as error:
        raise WrongRootKey(f"{what} {path} cannot be read: {error.strerror}") from None


def _check(path: Path, status: os.stat_result, what: str, closed_to: int) -> None:
    """Refuse what is no regular file, or is open to others."""
    if not stat.S_ISREG(status.st_mode):
        raise WrongRootKey(f"{what} {path} is not a regular file")
    if status.st_mode & closed_to:
        raise WrongRootKey(f"{what} {path} can be read by others; mend it with: chmod 600 {path}")
