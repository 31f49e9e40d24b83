"""Erasing the entries of long ago; their hashes stay, and so the log still verifies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.audit.carry_access import CarryAccess
from application.audit.feed_sinks import FeedSinks
from application.gate import Gate
from application.turn import Turns
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.access.caller import Caller
from domain.audit.event import Subject
from domain.audit.retention import erasure_reference
from domain.errors import LostRace
from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac
from domain.secrets.secret import Secret

TASK = "audit retention"
"""The name of the lease."""

LEASE = timedelta(minutes=10)
BATCH = 1000
"""Entries that are erased in one transaction; callers' writes wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseEntries:
    """Ask for the entries up to a number to be erased."""

    upto: int


class EraseEntriesUseCase(UseCase[EraseEntries, int]):
    """Erases entries that a checkpoint covers. That it was done is an entry: no other is missed."""

    action = Action.ERASE_ENTRIES
    changes = True

    def __init__(self, *, macs: TipMac) -> None:
        """Take what vouches for the log whose entries go."""
        self._macs = macs

    def locate(self, command: EraseEntries, session: Session) -> None:
        """Find nothing: the log is no secret of a name."""

    def perform(self, command: EraseEntries, secret: Secret | None, session: Session) -> Done[int]:
        """Erase them.

        Raises:
            LostRace: they are not covered by a checkpoint, or another process has erased them.
            Broken: an entry that goes is not as it was written, or what earlier erasures have
                left of access was changed.
        """
        newest = session.checkpoints.newest()
        if newest is None or newest.size < command.upto:
            raise LostRace
        carry = CarryAccess(session, self._macs)
        carry.take(command.upto)
        erased = session.audit.erase(upto=command.upto)
        if not erased:
            raise LostRace
        subject = Subject(reference=erasure_reference(command.upto), facts=carry.leave())
        return Done(result=erased, subject=subject)


class FollowRetention:
    """Erases what is older than it may be, once every sink has it and a checkpoint covers it."""

    def __init__(
        self,
        *,
        gate: Gate,
        storage: Storage,
        clock: Clock,
        turns: Turns,
        days: int,
        sinks: FeedSinks,
        followers: Sequence[str] = (),
    ) -> None:
        """Take the gate to erase through, and the age in days; an age of 0 is never reached.

        `followers` are positions of those who must have seen an entry before it goes.
        """
        self._gate = gate
        self._storage = storage
        self._clock = clock
        self._turns = turns
        self._days = days
        self._sinks = sinks
        self._followers = followers

    def __call__(self, caller: Caller) -> int:
        """Erase what is due and return how many entries went.

        Raises:
            StrongroomError: the store is not available; what was erased stays erased.
        """
        if not self._days or not self._storage.read(self._due).result():
            return 0
        erased = 0
        with self._turns.taken(TASK, LEASE) as ours:
            while ours and (upto := self._storage.read(self._due).result()):
                erased += self._gate.run(caller, EraseEntries(upto=upto))
        return erased

    def _due(self, session: Session) -> int:
        """Return the number up to which one batch is due; 0 when nothing is."""
        newest = session.checkpoints.newest()
        fed = self._sinks.fed(session)
        bounds = [0 if newest is None else newest.size, *([] if fed is None else [fed])]
        bounds += [session.feed_positions.of(name) for name in self._followers]
        limit, upto = self._limit(), 0
        for entry in session.audit.entries(after=0, limit=BATCH):
            if entry.event.at >= limit or entry.number > min(bounds):
                break
            upto = entry.number
        return upto

    def _limit(self) -> datetime:
        """Return the moment that nothing may be older than."""
        return self._clock.now() - timedelta(days=self._days)
