"""What readiness looks at."""

from collections.abc import Callable, Mapping

from adapters.sql import schema
from entrypoints.container import Container
from entrypoints.settings import Settings

TIMEOUT = 5.0
"""How long one check may take, in seconds."""


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
        for key in storage.read(lambda session: session.data_keys.all()).result(TIMEOUT):
            if not key_ring.holds(key.id):
                key_ring.admit(key)

    def audit_log() -> None:
        # An empty change waits in the same queue and takes the same lock and commit as an entry.
        storage.write(lambda _session: None).result(TIMEOUT)

    return {
        "database": database,
        "schema": schema_current,
        "root_key": root_key,
        "audit_log": audit_log,
    }
