"""The process that makes a backup for a server, and is started by `entrypoints.backup_schedule`."""

import os
import pickle
import sys

import structlog

from adapters.backups.age import AgeSealer
from adapters.backups.plain import PlainSealer
from application.backups.create_backup import BackupUnderWay
from application.backups.write_backup import Order
from domain.access.caller import INSIDE, Caller
from domain.backups.run import BackupRun
from domain.errors import StrongroomError
from domain.ports.backup_seal import BackupSealer
from domain.ports.root_key_source import RootKeySource
from entrypoints import hardening, logs
from entrypoints.chosen import build_backup_place
from entrypoints.container import Container
from entrypoints.preparation import STARTING
from entrypoints.settings import Settings

SCHEDULE = Caller(principal="schedule", address=INSIDE, request_id="backup schedule")
NICE = 10
"""How much less of the processor it gets than the server."""

_log = structlog.get_logger("strongroom")


def sealer_of(settings: Settings) -> BackupSealer:
    """Return what seals backups.

    Raises:
        StartRefused: there are no recipients, and unencrypted backups were not asked for.
    """
    return PlainSealer() if settings.backup_unencrypted else AgeSealer(settings.backup_recipients)


def make(settings: Settings, source: RootKeySource) -> BackupRun | None:
    """Make a backup if one is due, and erase what no rule keeps."""
    container = Container(settings=settings, root_key_source=source)
    container.prepare_keys()(STARTING)
    try:
        if not container.backups_due()():
            return None
        place = build_backup_place(settings.backup_place)
        order = Order(place=place, sealer=sealer_of(settings))
        try:
            run: BackupRun = container.create_backup()(SCHEDULE, order, scheduled=True)
        except BackupUnderWay:
            return None
        container.prune_backups()(SCHEDULE, place)
    finally:
        container.storage().close()
    return run


def main() -> None:
    """Be the process."""
    # From the server that started this, over a pipe that nobody else has.
    settings, source, parent = pickle.load(sys.stdin.buffer)  # noqa: S301
    hardening.harden()
    hardening.die_with_parent(parent)
    logs.configure(settings)
    os.nice(NICE)
    try:
        run = make(settings, source)
    except StrongroomError as error:
        _log.error("the backup failed", detail=str(error))
        sys.exit(1)
    if run is not None:
        _log.info("backup made and proved", name=run.name, bytes=run.bytes, values=run.values)


if __name__ == "__main__":
    main()
