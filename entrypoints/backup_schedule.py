"""Starting the process that makes a backup, from within a server.

A server must not stand still while a million rows are packed, and SQLite's locks belong to a
process. So a server starts another one, hands it the settings and the source of the root key on
its standard input, and waits.
"""

import os
import pickle
import subprocess
import sys
import time
from functools import partial

from application.backups.follow_backups import Schedule
from application.turn import Stopping
from domain.errors import StrongroomError
from domain.ports.root_key_source import RootKeySource
from entrypoints.settings import Settings

POLL_SECONDS = 0.2


class BackupProcessFailed(StrongroomError):
    """The process that makes a backup ended early; the store and the log say why."""

    def __init__(self) -> None:
        super().__init__("the process that makes the backup failed; its words stand above")


def build_schedule(settings: Settings, source: RootKeySource) -> Schedule:
    """Return what makes the backups that the settings ask for."""
    return Schedule(launch=partial(launch, settings, source), place=settings.backup_place)


def launch(settings: Settings, source: RootKeySource, stopping: Stopping) -> None:
    """Have a process make one backup, and wait for it; it ends when this one stops.

    Raises:
        BackupProcessFailed: it did not succeed.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "entrypoints.backup_process"], stdin=subprocess.PIPE
    )
    assert process.stdin is not None  # noqa: S101  it was asked for
    try:
        with process.stdin as handed:
            pickle.dump((settings, source, os.getpid()), handed)
        while process.poll() is None:
            if stopping():
                process.terminate()
                process.wait()
                return
            time.sleep(POLL_SECONDS)
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode != 0:
        raise BackupProcessFailed
