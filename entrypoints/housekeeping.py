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

    return (
        Task(name="emptying the recycle bin", seconds=HOURLY, run=empty),
        Task(name="the rotation schedule", seconds=HOURLY, run=schedule),
        Task(name="the rotation", seconds=SOON, run=rotate),
    )
