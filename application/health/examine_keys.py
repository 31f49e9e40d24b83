"""Looking at the keys of a store, and judging them."""

from collections.abc import Sequence

from application.keys.reseal_values import TASK
from domain.health import keys
from domain.health.finding import Finding
from domain.health.keys import KeyFacts
from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage


class ExamineKeys:
    """Says what is wrong with the data keys, their ages, and the rotation that runs."""

    def __init__(
        self, *, storage: Storage, clock: Clock, data_key_days: int, root_key_days: int
    ) -> None:
        """Take where to look, and the ages in days that the settings ask for; 0 asks for none."""
        self._storage = storage
        self._clock = clock
        self._data_key_days = data_key_days
        self._root_key_days = root_key_days

    def __call__(self) -> Sequence[Finding]:
        """Look, and judge."""
        return list(keys.judge(self._storage.read(self._look).result()))

    def _look(self, session: Session) -> KeyFacts:
        """Read everything on one snapshot."""
        found = session.data_keys.all()
        return KeyFacts(
            now=self._clock.now(),
            keys=found,
            values={key.id: session.sealed_values.count_under(key.id) for key in found},
            root_key=session.root_keys.current(),
            running=session.rotations.running(),
            worked_until=session.leases.until(TASK),
            has_a_past=bool(session.audit.entries(after=0, limit=1)),
            data_key_days=self._data_key_days,
            root_key_days=self._root_key_days,
        )
