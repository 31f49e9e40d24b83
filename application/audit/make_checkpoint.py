"""Signing what the log is, on a schedule."""

from collections.abc import Sequence
from datetime import timedelta

from application.audit.check_tip import check_tip
from application.turn import Turns
from application.webhooks.announce import Announce
from domain.audit.checkpoint import Checkpoint, checkpoint_text
from domain.errors import Broken, LostRace
from domain.keys.data_key import DataKey, KeyPurpose
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.signer import Signer
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac
from domain.webhooks.notice import Topic

TASK = "audit checkpoint"
"""The name of the lease."""

LEASE = timedelta(minutes=1)


class MakeCheckpoint:
    """Signs the newest root, unless the log has not grown. It is no entry: the log would grow."""

    def __init__(
        self,
        *,
        storage: Storage,
        key_ring: KeyRing,
        signer: Signer,
        macs: TipMac,
        clock: Clock,
        turns: Turns,
        announce: Announce,
    ) -> None:
        """Take what the work needs."""
        self._storage = storage
        self._key_ring = key_ring
        self._signer = signer
        self._macs = macs
        self._clock = clock
        self._turns = turns
        self._announce = announce

    def __call__(self) -> Checkpoint | None:
        """Make a checkpoint and wait until it is durable.

        Returns `None` when nothing came since the last one, or another process makes it.

        Raises:
            Broken: the store has no signing key, or the log does not fit the last checkpoint, or
                ends with what no server of this store wrote.
        """
        keys = self._storage.read(_keys_if_grown).result()
        if not keys:
            return None
        for one in keys:
            if not self._key_ring.holds(one.id):
                self._key_ring.fetch(one).result()
        key = keys[0]
        try:
            return self._storage.write(lambda session: self._make(key, session)).result()
        except LostRace:
            return None

    def _make(self, key: DataKey, session: Session) -> Checkpoint | None:
        """Sign and keep it, in one transaction with the look at the tree."""
        if not self._turns.keep(TASK, LEASE, session):
            return None
        check_tip(session, self._macs)
        now = self._clock.now()
        tree = session.audit_tree.state()
        origin, _, _ = self._signer.verifier(key.id).partition("+")
        note = self._signer.sign(checkpoint_text(origin, tree, now), key_id=key.id)
        made = Checkpoint(size=tree.size, root=tree.root, at=now, key_id=key.id, note=note)
        session.checkpoints.add(made)
        self._tell(made, session)
        self._turns.give_back(TASK, session)
        return made

    def _tell(self, made: Checkpoint, session: Session) -> None:
        """Have it sent outside, to those who keep checkpoints."""
        self._announce(
            session,
            Topic.CHECKPOINTS,
            kind="checkpoint.made",
            at=made.at,
            summary=f"the audit log has {made.size} entries",
            data={"size": made.size, "root": made.root.hex(), "note": made.note},
        )


def _keys_if_grown(session: Session) -> Sequence[DataKey]:
    """Return the key to sign with, and the one that vouches for the tip.

    There are none when the log has not grown since the newest checkpoint.
    """
    newest = session.checkpoints.newest()
    signed, size = 0 if newest is None else newest.size, session.audit_tree.state().size
    if size < signed:
        raise Broken(
            f"the audit log has {size} entries, but a checkpoint of {signed} was signed; run"
            " 'strongroom audit verify'"
        )
    if size == signed:
        return ()
    key = session.data_keys.active(KeyPurpose.SIGN)
    if key is None:
        raise Broken("the store has no signing key")
    vouching = session.data_keys.active(KeyPurpose.AUDIT)
    return (key,) if vouching is None else (key, vouching)
