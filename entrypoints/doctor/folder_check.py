"""The data folder: is it there, whose is it, who can look into it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from adapters.system.exposure import of_file, quoted, user
from domain.health.finding import Finding, error, warning
from entrypoints.settings import DATABASE_FILE

CHECK = "folder"


def examine(folder: Path) -> Iterator[Finding]:
    """Say what is wrong with the folder; the files in it have checks of their own."""
    try:
        status = folder.stat()
    except FileNotFoundError:
        yield warning(
            CHECK, f"the data folder {folder} is not there",
            "name the right one with --data-dir; for a new store, strongroom serve makes it",
        )  # fmt: skip
        return
    except OSError as cause:
        yield error(
            CHECK, f"the data folder {folder} cannot be looked at: {cause.strerror}",
            "run strongroom as the user whose folder it is",
        )  # fmt: skip
        return
    if not stat.S_ISDIR(status.st_mode):
        yield error(CHECK, f"{folder} is not a folder", "name a folder with --data-dir")
        return
    if folder.is_symlink():
        yield warning(
            CHECK,
            f"{folder} is a symbolic link; whoever can change the link chooses the store",
            f"set data_dir to {folder.resolve()}",
        )
    yield from _of_owner(folder, status)
    if not os.access(folder, os.X_OK):
        return
    yield from _of_mode(folder, status)
    yield from of_file(folder / ".lock", check=CHECK, owner=status.st_uid)


def _of_owner(folder: Path, status: os.stat_result) -> Iterator[Finding]:
    """Say whether the folder is somebody else's. Root may use it, and would leave files of root."""
    me, owner = os.geteuid(), user(status.st_uid)
    if status.st_uid == me:
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            yield error(
                CHECK, f"the data folder {folder} cannot be written", f"chmod 700 {quoted(folder)}"
            )
        return
    level = warning if me == 0 else error
    yield level(
        CHECK,
        f"the data folder {folder} belongs to {owner}, and this is {user(me)}",
        f"run strongroom as {owner}: sudo -u {owner} strongroom …"
        if status.st_uid
        else f"no server need be root; give it away: sudo chown -R USER {quoted(folder)}",
    )


def _of_mode(folder: Path, status: os.stat_result) -> Iterator[Finding]:
    """Say whether others can enter; a start closes what is the store's for sure, or refuses."""
    if not status.st_mode & 0o077:
        return
    ours = (folder / DATABASE_FILE).exists() and not status.st_mode & stat.S_ISVTX
    level = warning if ours else error
    yield level(CHECK, f"the data folder {folder} is open to others", f"chmod 700 {quoted(folder)}")
