"""Rotating keys when they have reached their age."""

from datetime import datetime, timedelta

from application.keys.rotate_data_key import RotateDataKey
from application.keys.rotate_root_key import RotateRootKey
from application.turn import Turns
from domain.access.caller import Caller
from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage

TASK = "rotation schedule"
"""The name of the lease."""

LEASE = timedelta(minutes=10)


class FollowSchedule:
    """Rotates what is due. One process at a time looks, and it looks again when it is its turn."""

    def __init__(
        self,
        *,
        storage: Storage,
        rotate_data_key: RotateDataKey,
        rotate_root_key: RotateRootKey,
        clock: Clock,
        turns: Turns,
        data_key_days: int,
        root_key_days: int,
    ) -> None:
        """Take what rotates, and the ages in days; an age of 0 is never reached."""
        self._storage = storage
        self._rotate_data_key = rotate_data_key
        self._rotate_root_key = rotate_root_key
        self._clock = clock
        self._turns = turns
        self._data_key_days = data_key_days
        self._root_key_days = root_key_days

    def __call__(self, caller: Caller) -> None:
        """Rotate what is due now.

        Raises:
            StrongroomError: a key that is due could not be rotated.
        """
        if not any(self._storage.read(self._due).result()):
            return
        with self._turns.taken(TASK, LEASE) as ours:
            if ours:
                self._rotate(caller)

    def _rotate(self, caller: Caller) -> None:
        """Look again, and rotate. What stops one of them is no reason to leave the other undone."""
        data_key, root_key = self._storage.read(self._due).result()
        try:
            if root_key:
                self._rotate_root_key(caller)
        finally:
            if data_key:
                self._rotate_data_key(caller)

    def _due(self, session: Session) -> tuple[bool, bool]:
        """Tell whether the data key is due, and whether the root key is."""
        now = self._clock.now()
        active = session.data_keys.active()
        record = session.root_keys.current()
        return (
            active is not None and is_due(active.created_at, self._data_key_days, now),
            record is not None and is_due(record.since, self._root_key_days, now),
        )


def is_due(since: datetime, days: int, now: datetime) -> bool:
    """Tell whether something has reached an age in days; never when the age is 0."""
    return days > 0 and now >= since + timedelta(days=days)
