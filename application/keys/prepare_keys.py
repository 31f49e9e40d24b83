"""Getting the keys ready at the start, once for a store, and taking over older values."""

from dataclasses import dataclass

from application.keys.sealer import Sealer
from domain.access.action import Action
from domain.access.caller import Caller
from domain.audit.event import AuditEvent, Outcome, Subject
from domain.errors import SealBroken, StartRefused, WrongRootKey
from domain.keys.seal import TAG, is_bare_token
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.root_key import BareTokenOpener
from domain.ports.sealed_values import StoredValue
from domain.ports.storage import Session, Storage
from domain.secrets.value import SecretValue

BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What was done: how many values were taken over, and the ids of those that do not open."""

    minted: bool
    adopted: int
    unreadable: tuple[int, ...]


class PrepareKeys:
    """Checks that the root key fits, or sets up a store that has no data key yet.

    Minting the first data key and re-sealing what an earlier backend wrote is one transaction.
    So there is no state in between, and a bare token that turns up later is never accepted.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        key_ring: KeyRing,
        sealer: Sealer,
        clock: Clock,
        opener: BareTokenOpener | None,
    ) -> None:
        """Take the opener of bare tokens when the root key has that ability."""
        self._storage = storage
        self._key_ring = key_ring
        self._sealer = sealer
        self._clock = clock
        self._opener = opener

    def __call__(self, caller: Caller) -> Prepared:
        """Prepare, and wait until it is durable.

        Raises:
            WrongRootKey: the root key does not open the data keys, or no bare token.
            StartRefused: sealed values are there but their data keys are gone.
        """
        keys = self._storage.read(lambda session: session.data_keys.all()).result()
        if not keys:
            return self._storage.write(lambda session: self._set_up(caller, session)).result()
        for key in keys:
            self._key_ring.admit(key)
        return Prepared(minted=False, adopted=0, unreadable=())

    def _set_up(self, caller: Caller, session: Session) -> Prepared:
        """Mint the first data key, unless another server was first, and adopt bare tokens."""
        existing = session.data_keys.all()
        if existing:
            for key in existing:
                self._key_ring.admit(key)
            return Prepared(minted=False, adopted=0, unreadable=())
        if session.sealed_values.any_beginning(f"{TAG}:"):
            raise StartRefused(
                "the store has sealed values but no data keys; restore the table 'data_keys'"
                " from a backup"
            )
        session.data_keys.add(self._key_ring.mint())
        adopted, unreadable = self._adopt_all(session)
        if unreadable and not adopted:
            raise WrongRootKey(
                "the root key opens none of the stored values; put the key file back that"
                " belongs to this database"
            )
        if adopted:
            session.audit.append(self._event(caller, adopted))
        return Prepared(minted=True, adopted=adopted, unreadable=tuple(unreadable))

    def _adopt_all(self, session: Session) -> tuple[int, list[int]]:
        """Re-seal every bare token; return how many, and which did not open."""
        adopted, unreadable, after = 0, list[int](), 0
        while batch := session.sealed_values.not_beginning(f"{TAG}:", after=after, limit=BATCH):
            for value in batch:
                if self._adopt(value, session):
                    adopted += 1
                else:
                    unreadable.append(value.secret_id)
            after = batch[-1].secret_id
        return adopted, unreadable

    def _adopt(self, value: StoredValue, session: Session) -> bool:
        """Re-seal one bare token, or leave it as it is when it does not open."""
        if self._opener is None or not is_bare_token(value.sealed):
            return False
        try:
            text = self._opener.open_bare(value.sealed).decode()
        except (SealBroken, UnicodeDecodeError):
            return False
        sealed = self._sealer.seal(
            SecretValue(text), uid=value.uid, version=value.version, session=session
        )
        return session.sealed_values.reseal(value, sealed)

    def _event(self, caller: Caller, adopted: int) -> AuditEvent:
        """Say in the audit log that values were taken over."""
        return AuditEvent(
            at=self._clock.now(),
            request_id=caller.request_id,
            principal=caller.principal,
            address=caller.address,
            action=Action.ADOPT,
            outcome=Outcome.DONE,
            rule="start",
            reason=None,
            subject=Subject(reference=f"{adopted} values taken over"),
        )
