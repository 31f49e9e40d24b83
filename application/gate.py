"""The gate: the only way to run a use case.

It decides, runs the use case in a unit of work, and records the audit event, whatever the
outcome. What a use case returns leaves through the future, and the future is done only after
the event is durable.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

from application.futures import then
from application.keys.sealer import KeyAbsent
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.access.caller import Caller
from domain.access.decision import Allowed, Decision, Refused
from domain.access.rights import Rights
from domain.audit.event import AuditEvent, Outcome, Subject
from domain.errors import (
    AuditUnavailable,
    CallerError,
    Denied,
    NotAllowed,
    NotFound,
    StorageUnavailable,
    StrongroomError,
    Unauthenticated,
)
from domain.keys.data_key import DataKey
from domain.ports.access_policy import AccessPolicy
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.storage import Session, Storage
from domain.secrets.secret import Secret

A = TypeVar("A")
R = TypeVar("R")

UNDECIDED = "-"
"""The rule of an event when the attempt failed before the policy was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One run of a use case: what it gave or why it failed, and the event that says so."""

    use_case: UseCase[Any, Any]
    done: Done[Any] | None
    error: BaseException | None
    event: AuditEvent
    rights: Rights | None

    def record(self, session: Session) -> None:
        """Write the event, and what the use case and the credential want noted beside it."""
        session.audit.append(self.event)
        token = None if self.rights is None else self.rights.token
        if token is not None and token.is_use_to_be_noted(self.event.at):
            session.known_tokens.note_use(token.id, self.event.at)
        if self.done is not None:
            self.use_case.note(self.done, session)

    def unwrap(self) -> Any:
        """Return the result, or raise what went wrong."""
        if self.error is not None:
            raise self.error
        assert self.done is not None  # noqa: S101  one of the two is always set
        return self.done.result


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
        key_ring: KeyRing,
        use_cases: Mapping[type, UseCase[Any, Any]],
    ) -> None:
        """Take the use cases by the type of the command that each one serves."""
        self._storage = storage
        self._key_ring = key_ring
        self._policy = policy
        self._clock = clock
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
        attempt = partial(self._attempt, use_case, caller, command)
        if use_case.changes:
            change = partial(self._storage.write, partial(_change, attempt))
            return then(change(), partial(self._settle_change, change, frozenset()))
        read = partial(self._storage.read, attempt)
        return then(read(), partial(self._settle_reading, read, frozenset()))

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
        read = partial(self._storage.read, partial(self._attempt_each, caller, readings))
        return then(read(), partial(self._settle_readings, read, frozenset()))

    def admit(self, caller: Caller, action: Action) -> Future[Rights]:
        """Find out who calls and whether an action on no secret is allowed; record nothing.

        For what is asked often and gives no secret away; whoever refuses records that.

        Raises (through the future):
            Unauthenticated: nobody is known by what the caller shows.
            Denied: the policy says no.
        """

        def work(session: Session) -> Rights:
            rights = self._policy.rights(caller, session)
            _enforce(rights.decide(action, ()), None)
            return rights

        return self._storage.read(work)

    def _reading(self, command: object) -> UseCase[Any, Any]:
        """Return the use case of a command that changes nothing."""
        use_case = self._use_cases[type(command)]
        if use_case.changes:
            raise TypeError(f"{type(command).__name__} changes the store and runs alone")
        return use_case

    def _attempt_each(
        self,
        caller: Caller,
        readings: Sequence[tuple[UseCase[Any, Any], object]],
        session: Session,
    ) -> list[Attempt]:
        """Make attempts one after another; who is not known is not tried again."""
        known = cache(partial(self._policy.rights, caller, session))
        attempts: list[Attempt] = []
        for use_case, command in readings:
            attempts.append(self._attempt(use_case, caller, command, session, known))
            if isinstance(attempts[-1].error, Unauthenticated):
                break
        return attempts

    def _attempt(
        self,
        use_case: UseCase[Any, Any],
        caller: Caller,
        command: object,
        session: Session,
        known: Callable[[], Rights] | None = None,
    ) -> Attempt:
        """Know the caller, locate, decide, perform; turn whatever happens into an attempt."""
        subject = Subject(reference=use_case.reference(command))
        decision: Decision | None = None
        done: Done[Any] | None = None
        error: BaseException | None = None
        rights: Rights | None = None
        try:
            rights = known() if known is not None else self._policy.rights(caller, session)
            secret = use_case.locate(command, session)
            if secret is not None:
                subject = Subject(
                    reference=subject.reference,
                    uid=secret.uid,
                    name=secret.name,
                    version=use_case.version(command, secret),
                )
            decision = _decide(rights, use_case, command, secret)
            _enforce(decision, secret)
            done = use_case.perform_for(rights, command, secret, session)
            subject = done.subject
        except StorageUnavailable:
            raise
        except Exception as caught:  # noqa: BLE001  recorded here, raised again by unwrap
            error = caught
        event = AuditEvent(
            at=self._clock.now(),
            request_id=caller.request_id,
            principal=_principal(caller, rights, error),
            address=caller.address,
            action=use_case.action,
            outcome=_outcome(decision, error),
            rule=decision.rule if decision is not None else UNDECIDED,
            reason=_reason(error),
            subject=subject,
        )
        return Attempt(use_case=use_case, done=done, error=error, event=event, rights=rights)

    def _settle_reading(
        self, again: Callable[[], Future[Attempt]], tried: frozenset[str], read: Future[Attempt]
    ) -> Future[Any]:
        """Record a reading, then let its result go."""
        attempt = read.result()
        if absent := _absent([attempt], tried):
            return self._fetch(absent, again, partial(self._settle_reading, again), tried)
        return then(self._record([attempt]), partial(_release, attempt))

    def _settle_readings(
        self,
        again: Callable[[], Future[list[Attempt]]],
        tried: frozenset[str],
        read: Future[list[Attempt]],
    ) -> Future[list[Any]]:
        """Record readings, then let all their results go."""
        attempts = read.result()
        if absent := _absent(attempts, tried):
            return self._fetch(absent, again, partial(self._settle_readings, again), tried)
        return then(self._record(attempts), partial(_each, attempts))

    def _settle_change(
        self, again: Callable[[], Future[Attempt]], tried: frozenset[str], written: Future[Attempt]
    ) -> Future[Any]:
        """Let the result of a change go, or record that it failed and was undone."""
        error = written.exception()
        if not isinstance(error, Undone):
            return _release(written.result(), written)
        if absent := _absent([error.attempt], tried):
            return self._fetch(absent, again, partial(self._settle_change, again), tried)
        return then(self._record([error.attempt]), partial(_release, error.attempt))

    def _fetch(
        self,
        absent: Sequence[DataKey],
        again: Callable[[], Future[A]],
        settle: Callable[[frozenset[str], Future[A]], Future[R]],
        tried: frozenset[str],
    ) -> Future[R]:
        """Fetch data keys outside of any transaction, then make the attempt once more.

        A key that cannot be fetched is not tried again: the attempt fails for the want of it.
        """
        key, *more = absent
        tried |= {key.id}

        def after(_fetched: Future[None]) -> Future[R]:
            if more:
                return self._fetch(more, again, settle, tried)
            return then(again(), partial(settle, tried))

        return then(self._key_ring.fetch(key), after)

    def _record(self, attempts: Iterable[Attempt]) -> Future[None]:
        """Write down the events of attempts that changed nothing."""

        def work(session: Session) -> None:
            for attempt in attempts:
                attempt.record(session)

        return self._storage.write(work)


def _absent(attempts: Iterable[Attempt], tried: frozenset[str]) -> Sequence[DataKey]:
    """Return the data keys that attempts failed for the want of, each once."""
    errors = (attempt.error for attempt in attempts)
    keys = {error.key.id: error.key for error in errors if isinstance(error, KeyAbsent)}
    return [key for key in keys.values() if key.id not in tried]


def _change(attempt: "partial[Attempt]", session: Session) -> Attempt:
    """Make an attempt and record it in the same transaction, or have it undone."""
    tried = attempt(session)
    if tried.error is not None:
        raise Undone(tried)
    tried.record(session)
    return tried


def _decide(
    rights: Rights, use_case: UseCase[Any, Any], command: object, secret: Secret | None
) -> Decision:
    """Decide on the action itself, then on whatever it needs besides."""
    decision = rights.decide(use_case.action, use_case.names(command, secret))
    for action, name in use_case.needs(command, secret):
        if isinstance(decision, Refused):
            break
        besides = rights.decide(action, (name,))
        decision = besides if isinstance(besides, Refused) else decision
    return decision


def _principal(caller: Caller, rights: Rights | None, error: BaseException | None) -> str:
    """Return who is said to have called: for a token that counts no more, whose it was."""
    if rights is not None:
        return rights.principal
    claimed = error.principal if isinstance(error, Unauthenticated) else None
    return claimed or caller.principal


def _enforce(decision: Decision, secret: Secret | None) -> None:
    """Stop a refused call; what the caller may not see is not there.

    Where no secret was looked for, the refusal comes from the rights alone and tells nothing.
    """
    if isinstance(decision, Allowed):
        return
    if decision.visible or secret is None:
        raise Denied("the access policy does not allow this")
    raise NotFound


def _release(attempt: Attempt, recorded: Future[Any]) -> Future[Any]:
    """Give the result of an attempt away once its event is durable."""
    _require(recorded)
    released: Future[Any] = Future()
    released.set_result(attempt.unwrap())
    return released


def _each(attempts: Sequence[Attempt], recorded: Future[None]) -> Future[list[Any]]:
    """Give all results away once their events are durable; errors of ours stand as items."""
    _require(recorded)
    if attempts and isinstance(attempts[-1].error, Unauthenticated):
        attempts[-1].unwrap()
    released: Future[list[Any]] = Future()
    released.set_result(
        [
            attempt.error if isinstance(attempt.error, StrongroomError) else attempt.unwrap()
            for attempt in attempts
        ]
    )
    return released


def _require(recorded: Future[Any]) -> None:
    """Fail closed when the events could not be written."""
    error = recorded.exception()
    if isinstance(error, StorageUnavailable):
        raise AuditUnavailable("the audit log cannot be written, nothing is answered") from error
    if error is not None:
        raise error


def _outcome(decision: Decision | None, error: BaseException | None) -> Outcome:
    """Name how an attempt ended: a secret hidden from the caller counts as denied."""
    if isinstance(decision, Refused):
        return Outcome.DENIED
    match error:
        case None:
            return Outcome.DONE
        case NotAllowed() | Unauthenticated():
            return Outcome.DENIED
        case CallerError():
            return Outcome.REFUSED
        case _:
            return Outcome.FAILED


def _reason(error: BaseException | None) -> str | None:
    """Say why an attempt failed: our own words only, because a stranger's may hold a value."""
    if isinstance(error, Unauthenticated):
        return error.cause
    if error is None or isinstance(error, StrongroomError):
        return None if error is None else str(error)
    return "internal error"
