"""Making a backup, and not believing in it before it was proved."""

from datetime import datetime

from application.backups.alive import LEASE, TASK, Alive
from application.backups.contents import store_id
from application.backups.fail_run import FailRun
from application.backups.finish_backup import BackupFailed, FinishBackup
from application.backups.prove_backup import ProveBackup
from application.backups.restore_backup import Proof
from application.backups.start_backup import StartBackup
from application.backups.write_backup import Order, WriteBackup
from application.gate import Gate
from application.turn import Turns
from domain.access.caller import Caller
from domain.backups.run import BackupRun, RunOutcome
from domain.errors import CallerError, StrongroomError
from domain.ports.clock import Clock
from domain.ports.randomness import Randomness
from domain.ports.storage import Session, Storage

CHANCE_BYTES = 4
INTERRUPTED = "the process that made the backup ended before it was done"
LOOKED_AT = 100
"""How many of the newest runs are looked through for one that was interrupted."""


class BackupUnderWay(CallerError):
    """Another backup of the store is being made.

    `since` is when it began, and `until` when the next may begin if its process is dead.
    """

    def __init__(self, *, since: datetime | None, until: datetime | None) -> None:
        begun = "" if since is None else f" since {_moment(since)}"
        told = f"a backup of this store is being made{begun}, wait until it has ended"
        if until is not None:
            told += f"; if its process was killed, another can begin after {_moment(until)}"
        super().__init__(told)


class CreateBackup:
    """Writes, reads back, restores, authenticates; then, and only then, the backup is one.

    The beginning and the end are entries of the audit log and a row of the store's own. A run
    whose process died is found by the next one and counts as failed.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        storage: Storage,
        write: WriteBackup,
        prove: ProveBackup,
        fail_run: FailRun,
        turns: Turns,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        """Take what does each step."""
        self._gate = gate
        self._storage = storage
        self._write = write
        self._prove = prove
        self._fail_run = fail_run
        self._turns = turns
        self._clock = clock
        self._randomness = randomness

    def __call__(self, caller: Caller, order: Order, *, scheduled: bool = False) -> BackupRun:
        """Make one, and wait until it is proved.

        Raises:
            BackupUnderWay: another one is being made.
            BackupFailed: it was written, but something in it does not authenticate.
            StrongroomError: whatever else stopped it. There is nothing half written.
        """
        with self._turns.taken(TASK, LEASE) as ours:
            if not ours:
                raise self._storage.read(_under_way).result()
            self._close_interrupted(caller)
            return self._make(caller, order, scheduled=scheduled)

    def _make(self, caller: Caller, order: Order, *, scheduled: bool) -> BackupRun:
        """Make it while nobody else does."""
        store = self._storage.read(store_id).result()
        name = self._write.name(store, order, self._randomness.token(CHANCE_BYTES))
        begun = BackupRun(
            scheduled=scheduled, started_at=self._clock.now(), place=order.place.uri, name=name
        )
        run: BackupRun = self._gate.run(caller, StartBackup(run=begun))
        try:
            done = self._done(run, order)
            self._gate.run(caller, FinishBackup(run=done))
        except BaseException as error:
            self._fail_run(caller, run, _reason(error))
            raise
        return done

    def _done(self, run: BackupRun, order: Order) -> BackupRun:
        """Write and prove it."""
        alive = Alive(storage=self._storage, clock=self._clock, turns=self._turns)
        size = self._write(order, run.name, alive)
        proof = self._prove(order.place, run.name, order.sealer.own_opener(), alive)
        if proof.findings:
            raise BackupFailed(_told(proof))
        return run.done(self._clock.now(), size=size, values=proof.values, entries=proof.entries)

    def _close_interrupted(self, caller: Caller) -> None:
        """Say of runs that nobody works on any more that they failed."""
        newest = self._storage.read(lambda s: s.backup_runs.newest(limit=LOOKED_AT)).result()
        for run in newest:
            if run.outcome is RunOutcome.RUNNING:
                self._fail_run(caller, run, INTERRUPTED)


def _under_way(session: Session) -> BackupUnderWay:
    """Say since when another one is being made, and until when at most if nobody works on it."""
    newest = session.backup_runs.newest(limit=1)
    running = [run.started_at for run in newest if run.outcome is RunOutcome.RUNNING]
    return BackupUnderWay(since=next(iter(running), None), until=session.leases.until(TASK))


def _reason(error: BaseException) -> str:
    """Say what stopped a run. Words of others than ours may hold anything."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return str(error) if isinstance(error, StrongroomError) else type(error).__name__


def _moment(at: datetime) -> str:
    """Write a moment in UTC (RFC 3339), to the second."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _told(proof: Proof) -> str:
    """Say what is wrong."""
    return "the backup does not hold what it must: " + "; ".join(proof.findings)
