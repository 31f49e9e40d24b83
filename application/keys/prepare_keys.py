"""Getting the keys ready at the start, once for a store, and taking over older values."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from application.audit.adopt_tip import adopted
from application.audit.check_tip import check_end
from application.keys.found_keys import FoundKeys, look
from application.keys.sealer import Sealer
from domain.access.action import Action
from domain.access.caller import Caller
from domain.audit.event import AuditEvent, Outcome, Subject
from domain.errors import Broken, LostRace, SealBroken, StartRefused, WrongRootKey
from domain.keys.data_key import DataKey, KeyPurpose
from domain.keys.root_key_record import FIRST_GENERATION, RootKeyRecord
from domain.keys.seal import TAG, is_bare_token
from domain.ports.clock import Clock
from domain.ports.key_wrapper import KeyWrapper
from domain.ports.root_key import BareTokenOpener
from domain.ports.root_key_source import RootKeySource
from domain.ports.sealed_values import StoredValue
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac, vouched
from domain.secrets.secret import MAX_ID
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

    In the same way the tip of the audit log is vouched for once: with the first keys, when it must
    be empty, or, in a store of before, in the transaction that wraps all its keys anew, when a
    server starts. From then on it must be vouched for at every start.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        wrapper: KeyWrapper,
        sealer: Sealer,
        clock: Clock,
        source: RootKeySource,
        macs: TipMac,
    ) -> None:
        """Take the source of the root key, which may be able to open bare tokens too."""
        self._storage = storage
        self._wrapper = wrapper
        self._sealer = sealer
        self._clock = clock
        self._source = source
        self._macs = macs

    def __call__(
        self, caller: Caller, *, adopts: bool = False, given_up: Collection[KeyPurpose] = ()
    ) -> Prepared:
        """Prepare, and wait until it is durable.

        Args:
            caller: who is told to have done it.
            adopts: vouch for the audit log of a store of before as it is. That is for somebody's
                start of a server, and for nothing that runs by itself.
            given_up: purposes whose key is gone and not to be had from a backup, as somebody says
                who has looked; a new one is made for each, and an entry says so.

        Raises:
            WrongRootKey: the root key does not open the data keys, or no bare token.
            StartRefused: a data key is gone that was there, or the audit log ends with what no
                server of this store wrote, or only a start may adopt it.
        """
        found = self._storage.read(look).result()
        found.require_keys()
        self._wrapper.renew(found.record, found.keys)
        found.require_whole(adopts=adopts, given_up=given_up)
        if found.is_vouched_for:
            self._check_tip()
        if found.is_complete:
            return Prepared(minted=False, adopted=0, unreadable=())
        try:
            return self._complete(caller, found)
        except LostRace:
            # Another server that started at the same time was first; now all is there.
            return self(caller, adopts=adopts, given_up=given_up)

    def _complete(self, caller: Caller, found: FoundKeys) -> Prepared:
        """Add what is missing.

        Raises:
            LostRace: what is there changed meanwhile.
        """
        # Minted here, because wrapping may be slow and must not happen in a transaction.
        minted = [self._wrapper.mint(purpose) for purpose in found.missing]
        anew = [] if found.is_vouched_for else self._wrapper.rewrap(found.keys)
        opener = self._opener(found)
        return self._storage.write(
            lambda session: self._set_up(caller, found, [*anew, *minted], opener, session)
        ).result()

    def _check_tip(self) -> None:
        """See that the log ends with what one of our servers wrote."""
        try:
            self._storage.read(lambda session: check_end(session, self._macs)).result()
        except Broken as error:
            raise StartRefused(f"{error}; nothing was changed") from error

    def _opener(self, found: FoundKeys) -> BareTokenOpener | None:
        """Return what opens bare tokens, which are taken over once: before there is any key."""
        if found.keys:
            return None
        root_key = self._source.load()
        return root_key if isinstance(root_key, BareTokenOpener) else None

    def _set_up(
        self,
        caller: Caller,
        found: FoundKeys,
        keys: Sequence[DataKey],
        opener: BareTokenOpener | None,
        session: Session,
    ) -> Prepared:
        """Keep the keys that were missing; adopt bare tokens if there was no key at all."""
        if look(session) != found:
            raise LostRace
        if found.record is None:
            session.root_keys.add(self._first_record(caller))
        known = {key.id for key in found.keys}
        for key in keys:
            if key.id in known:
                session.data_keys.replace(key)
            else:
                session.data_keys.add(key)
        if found.is_vouched_for:
            self._tell_of_the_lost(caller, found, session)
        else:
            self._vouch(caller, found, session)
        if found.keys:
            return Prepared(minted=False, adopted=0, unreadable=())
        if session.sealed_values.any_beginning(f"{TAG}:"):
            raise StartRefused(
                "the store has sealed values but no data keys; restore the table 'data_keys'"
                " from a backup"
            )
        taken, unreadable = self._adopt_all(opener, session)
        if unreadable and not taken:
            raise WrongRootKey(
                "the root key opens none of the stored values; put the key file back that"
                " belongs to this database"
            )
        if taken:
            subject = Subject(reference=f"{taken} values taken over")
            session.audit.append(self._event(caller, Action.ADOPT, subject))
        return Prepared(minted=True, adopted=taken, unreadable=tuple(unreadable))

    def _tell_of_the_lost(self, caller: Caller, found: FoundKeys, session: Session) -> None:
        """Say in the audit log which keys were given up."""
        for purpose in found.missing:
            subject = Subject(reference=f"a new key for '{purpose.value}', the one before is lost")
            session.audit.append(self._event(caller, Action.REPLACE_KEY, subject))

    def _vouch(self, caller: Caller, found: FoundKeys, session: Session) -> None:
        """Vouch for the tip as it is, this once."""
        key, tree = session.data_keys.active(KeyPurpose.AUDIT), session.audit_tree.state()
        assert key is not None  # noqa: S101  it was minted, or the start was refused
        if tree.size and not found.keys:
            raise StartRefused(
                "the store has an audit log but no data keys; restore the table 'data_keys' from"
                " a backup, nothing was changed"
            )
        session.audit_tip.put(vouched(self._macs, tree, key_id=key.id))
        if tree.size:
            session.audit.append(self._event(caller, Action.ADOPT_TIP, adopted(tree.size)))

    def _first_record(self, caller: Caller) -> RootKeyRecord:
        """Return the beginning of the succession of root keys."""
        return RootKeyRecord(
            generation=FIRST_GENERATION,
            source=self._source.uri,
            since=self._clock.now(),
            principal=caller.principal,
        )

    def _adopt_all(self, opener: BareTokenOpener | None, session: Session) -> tuple[int, list[int]]:
        """Re-seal every bare token; return how many, and which did not open."""
        # An earlier backend may have given out ids that are not positive.
        adopted, unreadable, after = 0, list[int](), -MAX_ID - 1
        while batch := session.sealed_values.not_beginning(f"{TAG}:", after=after, limit=BATCH):
            for value in batch:
                if self._adopt(opener, value, session):
                    adopted += 1
                else:
                    unreadable.append(value.secret_id)
            after = batch[-1].secret_id
        return adopted, unreadable

    def _adopt(self, opener: BareTokenOpener | None, value: StoredValue, session: Session) -> bool:
        """Re-seal one bare token, or leave it as it is when it does not open."""
        if opener is None or not is_bare_token(value.sealed):
            return False
        try:
            text = opener.open_bare(value.sealed).decode()
        except (SealBroken, UnicodeDecodeError):
            return False
        sealed = self._sealer.seal(
            SecretValue(text), uid=value.uid, version=value.version, session=session
        )
        return session.sealed_values.reseal([(value, sealed)]) == 1

    def _event(self, caller: Caller, action: Action, subject: Subject) -> AuditEvent:
        """Say in the audit log what was taken over."""
        return AuditEvent(
            at=self._clock.now(),
            request_id=caller.request_id,
            principal=caller.principal,
            address=caller.address,
            action=action,
            outcome=Outcome.DONE,
            rule="start",
            reason=None,
            subject=subject,
        )
