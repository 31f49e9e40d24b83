"""Erasing what has lain in the recycle bin for too long."""

from datetime import timedelta

from application.gate import Gate
from application.secrets.purge_secret import PurgeSecret
from domain.access.caller import Caller
from domain.errors import CallerError
from domain.ports.clock import Clock
from domain.ports.storage import Storage
from domain.secrets.secret import BIN_DAYS

BATCH = 1000


class EmptyBin:
    """Purges every secret that can no longer be brought back, each through the gate."""

    def __init__(self, *, gate: Gate, storage: Storage, clock: Clock) -> None:
        """Take the gate to purge through, and where to look."""
        self._gate = gate
        self._storage = storage
        self._clock = clock

    def __call__(self, caller: Caller) -> int:
        """Purge one batch and return how many secrets went.

        What was purged or brought back since it was looked for is passed over.
        """
        limit = self._clock.now() - timedelta(days=BIN_DAYS)
        due = self._storage.read(
            lambda session: session.catalogue.deleted_before(limit, limit=BATCH)
        ).result()
        return sum(
            self._purge(caller, PurgeSecret(reference=reference, deleted_before=limit))
            for reference in due
        )

    def _purge(self, caller: Caller, command: PurgeSecret) -> bool:
        """Purge one; tell whether it was still there."""
        try:
            self._gate.run(caller, command)
        except CallerError:
            return False
        return True
