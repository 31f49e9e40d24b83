"""What a worker does beside answering."""

from collections.abc import Callable, Sequence
from functools import partial

import structlog

from adapters.access.local import LOCAL_PRINCIPAL
from application.turn import Stopping
from domain.access.caller import INSIDE, Caller
from domain.keys.root_key_record import RootKeyRecord
from entrypoints.background import Task
from entrypoints.container import Container

HOUSEKEEPING = Caller(principal=LOCAL_PRINCIPAL, address=INSIDE, request_id="housekeeping")
SCHEDULE = Caller(principal="schedule", address=INSIDE, request_id="schedule")

HOURLY = 3600.0
WATCHED = 30.0
SOON = 1.0
"""How long a rotation that was asked for elsewhere may wait to be noticed, in seconds."""

BACKUP_SECONDS = 15.0
"""How often to look whether a backup is due, in seconds."""

COUNTING_SECONDS = 5.0
"""How far the counts of the use of secrets may lag behind."""

_log = structlog.get_logger("strongroom")


def tasks_of(container: Container) -> Sequence[Task]:
    """Return the tasks of a worker."""
    checkpoints = container.settings().audit_checkpoint_seconds
    return (
        _task("emptying the recycle bin", HOURLY, _empty_bin, container),
        _task("the rotation schedule", HOURLY, _follow_schedule, container),
        _task("the rotation", SOON, _rotate, container),
        Task(name="watching the root key", seconds=SOON, run=RootKeyWatch(container)),
        _task("the checkpoint of the audit log", checkpoints, _make_checkpoint, container),
        _task("the retention of the audit log", HOURLY, _follow_retention, container),
        Task(
            name="looking for what is due",
            seconds=container.settings().alert_examine_seconds,
            run=container.examine_state(),
        ),
        _task("the tidying of the outbox", HOURLY, _forget_deliveries, container),
        _task("the tidying of counts", HOURLY, _forget_activity, container),
        Task(name="the tidying of habits", seconds=HOURLY, run=container.forget_habits()),
    )


def _task(
    name: str, seconds: float, run: Callable[[Container, Stopping], None], container: Container
) -> Task:
    """Return a task that works on the container."""
    return Task(name=name, seconds=seconds, run=partial(run, container))


def _empty_bin(container: Container, _stopping: Stopping) -> None:
    """Purge what can no longer be brought back."""
    purged = container.empty_bin()(HOUSEKEEPING)
    if purged:
        _log.info("recycle bin emptied", purged=purged)


def _follow_schedule(container: Container, _stopping: Stopping) -> None:
    """Rotate keys that have reached their age."""
    container.follow_schedule()(SCHEDULE)


def _rotate(container: Container, stopping: Stopping) -> None:
    """Let go of keys that were destroyed, and work on the rotation that runs."""
    container.forget_destroyed_keys()()
    ended = container.reseal_values()(HOUSEKEEPING, stopping)
    if ended is not None:
        _log.info(
            "rotation finished",
            rotation=ended.id,
            resealed=ended.resealed,
            unreadable=ended.unreadable,
        )


def _make_checkpoint(container: Container, _stopping: Stopping) -> None:
    """Sign what the audit log is."""
    container.make_checkpoint()()


def _follow_retention(container: Container, _stopping: Stopping) -> None:
    """Erase what the audit log need not keep any more."""
    erased = container.follow_retention()(HOUSEKEEPING)
    if erased:
        _log.info("old entries of the audit log erased", erased=erased)


def _forget_deliveries(container: Container, _stopping: Stopping) -> None:
    """Erase what need not be shown any more of what was told."""
    container.forget_deliveries()()


def _forget_activity(container: Container, _stopping: Stopping) -> None:
    """Erase what is too old of how secrets were used."""
    container.forget_activity()()


def _back_up(container: Container, stopping: Stopping) -> None:
    """Make a backup when one is due."""
    container.follow_backups()(SCHEDULE, stopping)


class RootKeyWatch:
    """Tells the operator that the root key was replaced, whoever did it.

    The copy that was put away before opens this store no longer.
    """

    def __init__(self, container: Container) -> None:
        """Begin with the root key that the worker begins with."""
        self._storage = container.storage()
        self._seen = self._look()

    def __call__(self, _stopping: Stopping) -> None:
        """Look."""
        found = self._look()
        if found is not None and found != self._seen:
            _log.warning(
                "the root key was replaced, keep a copy of the new one in a safe place",
                number=found.generation,
                source=found.source,
            )
        self._seen = found

    def _look(self) -> RootKeyRecord | None:
        """Return what is known of the root key."""
        return self._storage.read(lambda session: session.root_keys.current()).result()


def backups_of(container: Container) -> Sequence[Task]:
    """Return what makes backups: apart, because one may take long."""
    return (_task("the backup", BACKUP_SECONDS, _back_up, container),)


def feeds_of(container: Container) -> Sequence[Task]:
    """Return what hands the audit log over: apart, because whoever takes it may be slow."""
    return (Task(name="feeding the audit log on", seconds=SOON, run=container.feed_sinks()),)


def followers_of(container: Container) -> Sequence[Task]:
    """Return what goes through the audit log: apart, because it may be a long one at first."""
    return (
        Task(name="following the audit log", seconds=SOON, run=container.follow_log()),
        Task(name="counting activity", seconds=COUNTING_SECONDS, run=container.count_activity()),
    )


def watchers_of(container: Container) -> Sequence[Task]:
    """Return what sees whether the store can be written: apart, because it waits when it cannot."""
    return (Task(name="watching the store", seconds=WATCHED, run=container.watch_store()),)


def senders_of(container: Container) -> Sequence[Task]:
    """Return what tells receivers: apart from the feeds, which they must not hold up."""
    if not container.notifiers():
        return ()
    return (Task(name="telling receivers", seconds=SOON, run=container.send_deliveries()),)
