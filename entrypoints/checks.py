"""What readiness looks at."""

import os
from collections.abc import Callable, Mapping

from adapters.sql import schema
from domain.keys.data_key import KeyState
from entrypoints.container import Container
from entrypoints.settings import Settings

TIMEOUT = 5.0
"""How long one check may take, in seconds."""

MIN_FREE_BYTES = 1024 * 1024
"""Below this the disk counts as full."""


def build_checks(container: Container, settings: Settings) -> Mapping[str, Callable[[], None]]:
    """Return the checks by name; each raises when it fails."""
    storage = container.storage()
    key_ring = container.key_ring()

    def database() -> None:
        storage.read(lambda session: session.data_keys.all()).result(TIMEOUT)

    def schema_current() -> None:
        if not schema.inspect(settings.database_path).is_current:
            raise RuntimeError("the schema is not current")

    def root_key() -> None:
        record, keys = storage.read(
            lambda session: (session.root_keys.current(), session.data_keys.all())
        ).result(TIMEOUT)
        missing = any(
            not key_ring.holds(key.id) for key in keys if key.state is not KeyState.DESTROYED
        )
        if missing or record is None or record.generation != key_ring.generation:
            key_ring.renew(record, keys)

    def audit_log() -> None:
        # This waits in the same queue and takes the same lock, disk and commit as an entry.
        storage.write(lambda session: session.probe.touch()).result(TIMEOUT)

    def disk_space() -> None:
        # On a disk that is nearly full small changes still succeed for a while, and then one
        # does not: whoever watches should know before.
        disk = os.statvfs(settings.database_path.parent)
        if disk.f_bavail * disk.f_frsize < MIN_FREE_BYTES:
            raise RuntimeError("the disk is full")

    return {
        "database": database,
        "schema": schema_current,
        "root_key": root_key,
        "audit_log": audit_log,
        "disk_space": disk_space,
    }
