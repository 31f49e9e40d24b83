"""Moving every value to the new data key, while the server serves."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from application.gate import Gate
from application.keys.finish_rotation import FinishRotation
from application.keys.sealer import Sealer, known_key
from application.turn import Stopping, Turns
from domain.access.caller import Caller
from domain.errors import Broken, LostRace, StrongroomError
from domain.keys.rotation import Rotation
from domain.keys.seal import SealedValue
from domain.ports.key_ring import KeyRing
from domain.ports.pace import Pace
from domain.ports.sealed_values import StoredValue
from domain.ports.storage import Session, Storage

TASK = "rotation"
"""The name of the lease."""

LEASE = timedelta(seconds=30)
"""After this time without a sign of life another process takes the rotation over."""

PASSES = 5
"""How often to go through what is left before the work is put off: each pass that ends in vain is
an entry in the audit log."""

BATCH = 100
"""Values that are exchanged in one transaction; callers' writes wait for it."""


class GivenUp(StrongroomError):
    """The work goes on elsewhere, or later: the lease was lost, or the process stops."""


class ResealValues:
    """Works on the rotation that runs, in small steps, each of which may be the last.

    Whatever stops it, the next one begins where values are left: what is under the new key is not
    looked at again. Two at once do each other no harm, because a seal is exchanged only for
    exactly the one that was read; the lease only saves the work.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        storage: Storage,
        key_ring: KeyRing,
        sealer: Sealer,
        turns: Turns,
        pace: Pace,
        batch: int = BATCH,
    ) -> None:
        """Take what the work needs; `batch` values are exchanged at a time."""
        self._gate = gate
        self._storage = storage
        self._key_ring = key_ring
        self._sealer = sealer
        self._turns = turns
        self._pace = pace
        self._batch = batch

    def __call__(self, caller: Caller, stopping: Stopping) -> Rotation | None:
        """Work until the rotation has ended, and return it.

        Returns `None` when no rotation runs, or another process works on it, or `stopping` said
        that this one has to end.

        Raises:
            StrongroomError: the store or the root key is not available, or a key is gone. What
                was moved stays moved.
        """
        rotation = self._storage.read(lambda session: session.rotations.running()).result()
        if rotation is None:
            return None
        with self._turns.taken(TASK, LEASE) as ours:
            try:
                return self._work(caller, rotation, stopping) if ours else None
            except GivenUp:
                return None

    def _work(self, caller: Caller, rotation: Rotation, stopping: Stopping) -> Rotation:
        """Go through what is left until only what does not open is."""
        self._fetch_keys(rotation)
        self._pace.begin()
        for _ in range(PASSES):
            unreadable = sum(
                self._move_all(rotation, key_id, stopping) for key_id in rotation.old_keys
            )
            command = FinishRotation(rotation_id=rotation.id, unreadable=unreadable)
            try:
                ended: Rotation = self._gate.run(caller, command)
            except LostRace:
                self._storage.write(partial(self._hold, rotation.id)).result()
            else:
                return ended
        raise GivenUp("more is left than was found")

    def _move_all(self, rotation: Rotation, key_id: str, stopping: Stopping) -> int:
        """Move what is under one old key; return how many values do not open."""
        unreadable, after = 0, None
        while batch := self._storage.read(partial(_under, key_id, after, self._batch)).result():
            if stopping():
                raise GivenUp("the process stops")
            resealed = self._reseal(rotation, batch)
            self._storage.write(partial(self._exchange, rotation.id, resealed)).result()
            unreadable += len(batch) - len(resealed)
            after = batch[-1]
            self._pace.rest()
        return unreadable

    def _reseal(
        self, rotation: Rotation, batch: Sequence[StoredValue]
    ) -> Sequence[tuple[StoredValue, str]]:
        """Open and seal a batch, outside of any transaction; leave out what does not open.

        The cipher is that of the rotation, because the receipt will say so: this process may have
        another one in its settings than the one that began.
        """
        resealed = []
        for value in batch:
            try:
                plaintext = self._sealer.open_held(
                    SealedValue.parse(value.sealed), uid=value.uid, version=value.version
                )
            except Broken:
                continue
            sealed = self._sealer.seal_under(
                rotation.new_key, plaintext, cipher=rotation.cipher,
                uid=value.uid, version=value.version,
            )  # fmt: skip
            resealed.append((value, sealed))
        return resealed

    def _exchange(
        self, number: int, resealed: Sequence[tuple[StoredValue, str]], session: Session
    ) -> None:
        """Put a batch in its place, and say how far the work is."""
        rotation = self._hold(number, session)
        moved = session.sealed_values.reseal(resealed)
        session.rotations.replace(rotation.advanced(moved))

    def _hold(self, number: int, session: Session) -> Rotation:
        """Keep the lease on a rotation that still runs."""
        rotation = session.rotations.running()
        if rotation is None or rotation.id != number or not self._keep(session):
            raise GivenUp("another process goes on")
        return rotation

    def _keep(self, session: Session) -> bool:
        """Keep the lease."""
        return self._turns.keep(TASK, LEASE, session)

    def _fetch_keys(self, rotation: Rotation) -> None:
        """Have every key of the rotation at hand."""
        for key_id in (rotation.new_key, *rotation.old_keys):
            if not self._key_ring.holds(key_id):
                key = self._storage.read(partial(known_key, key_id)).result()
                self._key_ring.fetch(key).result()


def _under(
    key_id: str, after: StoredValue | None, limit: int, session: Session
) -> Sequence[StoredValue]:
    """Return the next values under a key."""
    return session.sealed_values.under(key_id, after=after, limit=limit)
