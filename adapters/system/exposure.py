"""Whom a file or folder belongs and is open to, as findings."""

import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from domain.health.finding import Finding, error, warning


def of_file(path: Path, *, check: str, owner: int) -> Iterator[Finding]:
    """Say what is wrong with a file that should be its owner's alone; nothing if it is not there.

    Args:
        path: the file. A link is told and not followed.
        check: which check looks at it.
        owner: who owns the folder around it, and so should own the file.
    """
    try:
        status = path.lstat()
    except OSError:
        return
    if stat.S_ISLNK(status.st_mode):
        yield warning(
            check,
            f"{path} is a symbolic link; whoever can change the link chooses what is opened",
            f"put the file itself there: mv {quoted(path.resolve())} {quoted(path)}",
        )
        return
    if status.st_mode & 0o077:
        yield warning(check, f"{path} is open to others", f"chmod 600 {quoted(path)}")
    yield from of_owner(path, check=check, owner=owner)


def of_owner(path: Path, *, check: str, owner: int) -> Iterator[Finding]:
    """Say whether a file belongs to somebody else than its folder; nothing if it is not there."""
    try:
        status = path.lstat()
    except OSError:
        return
    if status.st_uid != owner:
        yield error(
            check,
            f"{path} belongs to {user(status.st_uid)}, and its folder to {user(owner)}",
            f"chown {user(owner)} {quoted(path)}",
        )


def user(number: int) -> str:
    """Return the name of a user, or the number when it has none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def owner_of(folder: Path) -> int:
    """Return who owns a folder; this process's user if that cannot be known."""
    try:
        return folder.stat().st_uid
    except OSError:
        return os.geteuid()


def quoted(path: Path) -> str:
    """Write a path so that a shell takes it as one word, and never as an option."""
    return shlex.quote(str(path) if path.is_absolute() else f"./{path}")
