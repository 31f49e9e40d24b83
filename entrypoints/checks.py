"""What readiness looks at."""

from collections.abc import Callable, Mapping

from application.audit.check_tip import check_end
from domain.keys.data_key import KeyState
from domain.ports.storage import Session
from entrypoints.container import Container

TIMEOUT = 5.0
"""How long one check may take, in seconds."""


def build_checks(container: Container) -> Mapping[str, Callable[[], None]]:
    """Return the checks by name; each raises when it fails."""
    storage = container.storage()
    key_ring = container.key_ring()
    macs = container.macs()

    def database() -> None:
        storage.read(lambda session: session.data_keys.all()).result(TIMEOUT)

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
        storage.write(appendable).result(TIMEOUT)

    def appendable(session: Session) -> None:
        session.probe.touch()
        check_end(session, macs)

    return {
        "database": database,
        "root_key": root_key,
        "audit_log": audit_log,
        **container.store().checks(),
    }
