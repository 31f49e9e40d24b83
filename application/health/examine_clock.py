"""Looking for moments that have not come yet."""

from collections.abc import Callable, Sequence
from datetime import datetime

from application.keys import follow_schedule, reseal_values
from domain.health import clock
from domain.health.finding import Finding
from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage
from domain.secrets.secret import MAX_ID

LOOKED_AT = 1000
"""Entries at the end of the audit log whose moments are looked at."""

_LEASED = (reseal_values, follow_schedule)


class ExamineClock:
    """Compares what was written down with the clock of this machine."""

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        """Take where to look, and the clock."""
        self._storage = storage
        self._clock = clock

    def __call__(self, newest_of_secrets: datetime | None) -> Sequence[Finding]:
        """Look, and judge; the newest moment of all secrets is known from elsewhere."""
        newest = self._storage.read(_newest).result() | {"the secrets": newest_of_secrets}
        seen = {place: moment for place, moment in newest.items() if moment is not None}
        return list(clock.judge(self._clock.now(), seen))


def _newest(session: Session) -> dict[str, datetime | None]:
    """Return the latest moment by place."""

    def goes_on(number: int) -> bool:
        return bool(session.audit.entries(after=number, limit=1))

    after = max(0, last_number(goes_on) - LOOKED_AT)
    entries = session.audit.entries(after=after, limit=LOOKED_AT)
    made = [key.created_at for key in session.data_keys.all()]
    leases = ((session.leases.until(work.TASK), work.LEASE) for work in _LEASED)
    # When it was taken. Others wait for a lease to end, so one out of the future stops the work.
    taken = [until - length for until, length in leases if until is not None]
    return {
        "the audit log": max((entry.event.at for entry in entries), default=None),
        "the data keys": max(made, default=None),
        "the leases": max(taken, default=None),
    }


def last_number(goes_on: Callable[[int], bool]) -> int:
    """Return the number behind which a sequence does not go on, found by halving."""
    low, high = 0, MAX_ID
    while low < high:
        middle = (low + high) // 2
        if goes_on(middle):
            low = middle + 1
        else:
            high = middle
    return low
