"""What a worker does beside answering."""

from collections.abc import Sequence

import structlog

from adapters.access.local import LOCAL_PRINCIPAL
from domain.access.caller import Caller
from entrypoints.background import Stopping, Task
from entrypoints.container import Container

HOUSEKEEPING = Caller(principal=LOCAL_PRINCIPAL, address="-", request_id="housekeeping")
SCHEDULE = Caller(principal="schedule", address="-", request_id="schedule")

HOURLY = 3600.0
SOON = 1.0
"""How long a rotation that was asked for elsewhere may wait to be noticed, in seconds."""

_log = structlog.get_logger("strongroom")


def tasks_of(container: Container) -> Sequence[Task]:
    """Return the tasks of a worker."""
    empty_bin, follow_schedule = container.empty_bin(), container.follow_schedule()
    forget, reseal = container.forget_destroyed_keys(), container.reseal_values()
    make_checkpoint, follow_retention = container.make_checkpoint(), container.follow_retention()

    def empty(_stopping: Stopping) -> None:
        purged = empty_bin(HOUSEKEEPING)
        if purged:
            _log.info("recycle bin emptied", purged=purged)

    def schedule(_stopping: Stopping) -> None:
        follow_schedule(SCHEDULE)

    def rotate(stopping: Stopping) -> None:
        forget()
        ended = reseal(HOUSEKEEPING, stopping)
        if ended is not None:
            _log.info(
                "rotation finished",
                rotation=ended.id,
                resealed=ended.resealed,
                unreadable=ended.unreadable,
            )

    def sign(_stopping: Stopping) -> None:
        make_checkpoint()

    def retain(_stopping: Stopping) -> None:
        erased = follow_retention(HOUSEKEEPING)
        if erased:
            _log.info("old entries of the audit log erased", erased=erased)

    return (
        Task(name="emptying the recycle bin", seconds=HOURLY, run=empty),
        Task(name="the rotation schedule", seconds=HOURLY, run=schedule),
        Task(name="the rotation", seconds=SOON, run=rotate),
        Task(
            name="the checkpoint of the audit log",
            seconds=container.settings().audit_checkpoint_seconds,
            run=sign,
        ),
        Task(name="the retention of the audit log", seconds=HOURLY, run=retain),
    )


def feeds_of(container: Container) -> Sequence[Task]:
    """Return what hands the audit log over: apart, because whoever takes it may be slow."""
    return (Task(name="feeding the audit log on", seconds=SOON, run=container.feed_sinks()),)
