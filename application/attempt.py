"""One attempt at a use case: who calls, whether it may be done, what came of it.

An attempt never raises for what the caller did: it says in an event how it ended, and the gate
records that before anything is answered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.access.caller import Caller
from domain.access.decision import Allowed, Decision, Refused
from domain.access.rights import Rights
from domain.audit.event import AuditEvent, Outcome, Subject
from domain.errors import (
    CallerError,
    Denied,
    NotAllowed,
    NotFound,
    StorageUnavailable,
    StrongroomError,
    TooMuchAtOnce,
    Unauthenticated,
)
from domain.ports.access_policy import AccessPolicy
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.reference import ByName
from domain.secrets.secret import NO_TAGS, Secret

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_STAND_IN = Secret(
    id=1, uid=bytes(16), name="stand/in", description=None, tags=NO_TAGS, version=1, revision=1,
    created_at=_EPOCH, updated_at=_EPOCH, value_set_at=_EPOCH, expires_at=None, last_read_at=None,
    deleted_at=None, sealed="",
)  # fmt: skip
"""Stands in for a secret that is not there, so that the work is the same."""

ROOM = 16 * 1024 * 1024
"""Bytes from which on many commands together are given no further value.

All of them are in memory at once. A hundred values of the default bound take half of it.
"""

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


class Attempts:
    """Makes attempts, each within whatever unit of work it is given."""

    def __init__(self, *, policy: AccessPolicy, clock: Clock) -> None:
        """Take what knows callers and their rights, and what dates events."""
        self._policy = policy
        self._clock = clock

    def one(
        self,
        use_case: UseCase[Any, Any],
        caller: Caller,
        command: object,
        session: Session,
        known: Callable[[], Rights] | None = None,
        *,
        full: bool = False,
    ) -> Attempt:
        """Know the caller, locate, decide, perform; turn whatever happens into an attempt.

        Nothing is performed when there is no more room for what would come of it.
        """
        decision: Decision | None = None
        secret: Secret | None = None
        done: Done[Any] | None = None
        error: BaseException | None = None
        rights: Rights | None = None
        try:
            rights = known() if known is not None else self._policy.rights(caller, session)
            secret = _locate(rights, use_case, command, session)
            decision = _decide(rights, use_case, command, secret)
            _enforce(decision, secret)
            if full:
                raise TooMuchAtOnce
            done = use_case.perform_for(rights, command, secret, session)
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
            subject=_failed(use_case, command, secret) if done is None else done.subject,
        )
        return Attempt(use_case=use_case, done=done, error=error, event=event, rights=rights)

    def each(
        self,
        caller: Caller,
        readings: Sequence[tuple[UseCase[Any, Any], object]],
        session: Session,
    ) -> list[Attempt]:
        """Make attempts one after another, until there is no more room.

        Who is not known is not tried again.
        """
        known = cache(partial(self._policy.rights, caller, session))
        attempts: list[Attempt] = []
        size = 0
        for use_case, command in readings:
            attempt = self.one(use_case, caller, command, session, known, full=size >= ROOM)
            attempts.append(attempt)
            if isinstance(attempt.error, Unauthenticated):
                break
            if attempt.done is not None:
                size += use_case.size(attempt.done.result)
        return attempts

    def admitted(self, caller: Caller, action: Action, session: Session) -> Rights:
        """Return the rights of a caller who may take an action on no secret.

        Raises:
            Unauthenticated: nobody is known by what the caller shows.
            Denied: the policy says no.
        """
        rights = self._policy.rights(caller, session)
        _enforce(rights.decide(action, ()), None)
        return rights


def _locate(
    rights: Rights, use_case: UseCase[Any, Any], command: object, session: Session
) -> Secret | None:
    """Find what the command is about.

    A secret that is hidden from the caller costs a decision before it is said not to be there; so
    one that is not there costs the same, or the time would tell the two apart.
    """
    try:
        return use_case.locate(command, session)
    except NotFound:
        reference = getattr(command, "reference", None)
        named = reference.text if isinstance(reference, ByName) else _STAND_IN.name
        _decide(rights, use_case, command, replace(_STAND_IN, name=named))
        raise


def _failed(use_case: UseCase[Any, Any], command: object, secret: Secret | None) -> Subject:
    """Describe what a failed attempt was about, as far as it came to be known."""
    reference = use_case.reference(command)
    if secret is None:
        return Subject(reference=reference)
    return Subject(
        reference=reference,
        uid=secret.uid,
        name=secret.name,
        version=use_case.version(command, secret),
    )


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
        return error.reason
    if error is None or isinstance(error, StrongroomError):
        return None if error is None else str(error)
    return "internal error"
