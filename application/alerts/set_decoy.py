"""Making a secret a tripwire, and taking that back."""

from dataclasses import dataclass

from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.ports.clock import Clock
from domain.ports.decoys import Decoy
from domain.ports.storage import Session
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDecoy:
    """Ask for a secret to be a tripwire from now on, or no longer."""

    reference: SecretId
    on: bool


class SetDecoyUseCase(UseCase[SetDecoy, bool]):
    """Sets the flag, which stands apart from the secret and changes nothing about it."""

    action = Action.SET_DECOY
    changes = True

    def __init__(self, *, clock: Clock) -> None:
        """Take what dates."""
        self._clock = clock

    def locate(self, command: SetDecoy, session: Session) -> Secret | None:
        """Find the secret.

        Raises:
            NotFound: it is not there.
        """
        return found(session.secrets.find(command.reference))

    def needs(self, command: SetDecoy, secret: Secret | None) -> tuple[tuple[Action, str], ...]:
        """Return that the secret must be visible: the answer tells that it is there."""
        return ((Action.READ, found(secret).name),)

    def perform(self, command: SetDecoy, secret: Secret | None, session: Session) -> Done[bool]:
        """Refuse: without a caller there is no outcome.

        Raises:
            TypeError: always.
        """
        raise TypeError("SetDecoyUseCase is performed for a caller")

    def perform_for(
        self, rights: Rights, command: SetDecoy, secret: Secret | None, session: Session
    ) -> Done[bool]:
        """Set it, and return whether that changed anything."""
        there = found(secret)
        known = session.decoys.find(there.uid)
        if command.on and known is None:
            session.decoys.put(
                Decoy(
                    uid=there.uid,
                    name=there.name,
                    after=session.sightings.size(),
                    set_at=self._clock.now(),
                    set_by=rights.principal,
                )
            )
        elif not command.on:
            session.decoys.remove(there.uid)
        word = "on" if command.on else "off"
        subject = Subject(
            reference=f"{command.reference} decoy {word}", uid=there.uid, name=there.name
        )
        return Done(result=command.on != (known is not None), subject=subject)
