"""The gate: the only way to run a use case.

It decides, runs the use case in a unit of work, and records the audit event, whatever the
outcome. What a use case returns leaves through the future, and the future is done only after
the event is durable.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from application.absent import Absent
from application.attempt import Attempt, Attempts
from application.futures import Kept, then
from application.use_case import UseCase
from domain.access.action import Action
from domain.access.caller import Caller
from domain.access.rights import Rights
from domain.errors import (
    AuditUnavailable,
    StorageUnavailable,
    StrongroomError,
    Unauthenticated,
)
from domain.ports.access_policy import AccessPolicy
from domain.ports.clock import Clock
from domain.ports.foreseen import Foreseen
from domain.ports.meter import Meter
from domain.ports.storage import Session, Storage

A = TypeVar("A")
R = TypeVar("R")
Release = Callable[[Sequence[Attempt], Future[Any]], Future[Any]]
"""Gives away what attempts came to, once their events are durable."""


class Undone(Exception):
    """Takes a failed attempt out of its transaction, so that the store undoes the work."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__("undone")
        self.attempt = attempt


class Gate:
    """Runs commands for callers."""

    def __init__(
        self,
        *,
        storage: Storage,
        policy: AccessPolicy,
        clock: Clock,
        meter: Meter,
        use_cases: Mapping[type, UseCase[Any, Any]],
    ) -> None:
        """Take the use cases by the type of the command that each one serves."""
        self._storage = storage
        self._meter = meter
        self._attempts = Attempts(policy=policy, clock=clock)
        self._use_cases = dict(use_cases)

    @property
    def use_cases(self) -> Mapping[type, UseCase[Any, Any]]:
        """Return the use cases by command, for the test that walks all of them."""
        return dict(self._use_cases)

    def submit(self, caller: Caller, command: object) -> Future[Any]:
        """Run one command; the future gives the result or raises what stopped it.

        Raises (through the future):
            Unauthenticated: nobody is known by what the caller shows.
            NotFound: the secret is not there, or the caller may not know that it is.
            Denied: the policy says no.
            AuditUnavailable: the event could not be written; nothing was answered or changed.
            StrongroomError: whatever else the use case raises.
        """
        use_case = self._use_cases[type(command)]
        attempt = partial(self._attempts.one, use_case, caller, command)
        if use_case.changes:
            change = partial(self._storage.write, partial(_change, attempt))
            return then(change(), partial(self._settle_change, change, frozenset()))
        reading = Foreseen(lambda session: [attempt(session)], use_case.looks_for(command))
        read = partial(self._storage.read, reading)
        return then(read(), partial(self._settle_readings, _only, read, frozenset()))

    def run(self, caller: Caller, command: object) -> Any:
        """Run one command and wait for it."""
        return self.submit(caller, command).result()

    def submit_each(
        self, caller: Caller, commands: Sequence[object]
    ) -> Future[list[Any | StrongroomError]]:
        """Run readings side by side on one snapshot: a result or an error each, in order.

        Every command is decided on and recorded by itself. A caller whom nobody knows fails once.
        """
        readings = [(self._reading(command), command) for command in commands]
        sought = [one for use_case, command in readings for one in use_case.looks_for(command)]
        reading = Foreseen(partial(self._attempts.each, caller, readings), sought)
        read = partial(self._storage.read, reading)
        return then(read(), partial(self._settle_readings, _each, read, frozenset()))

    def admit(self, caller: Caller, action: Action) -> Future[Rights]:
        """Find out who calls and whether an action on no secret is allowed; record nothing.

        For what is asked often and gives no secret away; whoever refuses records that.

        Raises (through the future):
            Unauthenticated: nobody is known by what the caller shows.
            Denied: the policy says no.
        """
        read = partial(self._storage.read, partial(self._attempts.admitted, caller, action))
        return then(read(), partial(self._settle_admission, read, frozenset()))

    def _settle_admission(
        self, again: Callable[[], Future[Rights]], tried: frozenset[str], read: Future[Rights]
    ) -> Future[Rights]:
        """Pass on who was found, unless something has to be fetched first."""
        error = read.exception()
        if isinstance(error, Absent) and error.what not in tried:
            return self._fetch([error], again, partial(self._settle_admission, again), tried)
        return read

    def _reading(self, command: object) -> UseCase[Any, Any]:
        """Return the use case of a command that changes nothing."""
        use_case = self._use_cases[type(command)]
        if use_case.changes:
            raise TypeError(f"{type(command).__name__} changes the store and runs alone")
        return use_case

    def _settle_readings(
        self,
        release: Release,
        again: Callable[[], Future[list[Attempt]]],
        tried: frozenset[str],
        read: Future[list[Attempt]],
    ) -> Future[Any]:
        """Record readings, then let their results go."""
        attempts = read.result()
        if absent := _absent(attempts, tried):
            settle = partial(self._settle_readings, release, again)
            return self._fetch(absent, again, settle, tried)
        return then(self._record(attempts), self._counted(attempts, release))

    def _settle_change(
        self, again: Callable[[], Future[Attempt]], tried: frozenset[str], written: Future[Attempt]
    ) -> Future[Any]:
        """Let the result of a change go, or record that it failed and was undone."""
        error = written.exception()
        if isinstance(error, StorageUnavailable):
            self._meter.unrecorded(1)
        if not isinstance(error, Undone):
            attempt = written.result()
            return self._counted([attempt], _only)(written)
        if absent := _absent([error.attempt], tried):
            return self._fetch(absent, again, partial(self._settle_change, again), tried)
        attempt = error.attempt
        return then(self._record([attempt]), self._counted([attempt], _only))

    def _fetch(
        self,
        absent: Sequence[Absent],
        again: Callable[[], Future[A]],
        settle: Callable[[frozenset[str], Future[A]], Future[R]],
        tried: frozenset[str],
    ) -> Future[R]:
        """Fetch what is absent outside of any transaction, then make the attempt once more.

        What cannot be fetched is not tried again: the attempt fails for the want of it.
        """
        first, *more = absent
        tried |= {first.what}

        def after(_fetched: Future[None]) -> Future[R]:
            if more:
                return self._fetch(more, again, settle, tried)
            return then(again(), partial(settle, tried))

        return then(first.fetch(), after)

    def _counted(
        self, attempts: Sequence[Attempt], release: Release
    ) -> Callable[[Future[Any]], Future[Any]]:
        """Count attempts by what became of their events, then have them released."""

        def count(recorded: Future[Any]) -> Future[Any]:
            error = recorded.exception()
            if error is None:
                for attempt in attempts:
                    self._meter.settled(attempt.event)
            elif isinstance(error, StorageUnavailable):
                self._meter.unrecorded(len(attempts))
            return release(attempts, recorded)

        return count

    def _record(self, attempts: Iterable[Attempt]) -> Future[None]:
        """Write down the events of attempts that changed nothing."""

        def work(session: Session) -> None:
            for attempt in attempts:
                attempt.record(session)

        return self._storage.write(work)


def _absent(attempts: Iterable[Attempt], tried: frozenset[str]) -> Sequence[Absent]:
    """Return what attempts failed for the want of, each once."""
    errors = [attempt.error for attempt in attempts if attempt.error is not None]
    absent = {error.what: error for error in errors if isinstance(error, Absent)}
    return [error for what, error in absent.items() if what not in tried]


def _change(attempt: "partial[Attempt]", session: Session) -> Attempt:
    """Make an attempt and record it in the same transaction, or have it undone."""
    tried = attempt(session)
    if tried.error is not None:
        raise Undone(tried)
    tried.record(session)
    return tried


def _only(attempts: Sequence[Attempt], recorded: Future[Any]) -> Future[Any]:
    """Give the result of one attempt away once its event is durable."""
    _require(recorded)
    return Kept(attempts[0].unwrap())


def _each(attempts: Sequence[Attempt], recorded: Future[Any]) -> Future[list[Any]]:
    """Give all results away once their events are durable; errors of ours stand as items."""
    _require(recorded)
    if attempts and isinstance(attempts[-1].error, Unauthenticated):
        attempts[-1].unwrap()
    return Kept(
        [
            attempt.error if isinstance(attempt.error, StrongroomError) else attempt.unwrap()
            for attempt in attempts
        ]
    )


def _require(recorded: Future[Any]) -> None:
    """Fail closed when the events could not be written."""
    error = recorded.exception()
    if isinstance(error, StorageUnavailable):
        raise AuditUnavailable("the audit log cannot be written, nothing is answered") from error
    if error is not None:
        raise error
