"""Looking at a secret without its value."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.secrets.subjects import about
from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.ports.storage import Session
from domain.secrets.reference import Reference
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSecret:
    """Ask for what is known of a secret."""

    reference: Reference


class ReadSecretUseCase(UseCase[ReadSecret, Secret]):
    """Returns the secret as it is."""

    action = Action.READ
    changes = False

    def looks_for(self, command: ReadSecret) -> Sequence[Reference]:
        """Return the one secret."""
        return (command.reference,)

    def locate(self, command: ReadSecret, session: Session) -> Secret:
        """Find the living secret."""
        return found(session.secrets.find(command.reference))

    def perform(self, command: ReadSecret, secret: Secret | None, session: Session) -> Done[Secret]:
        """Return it."""
        secret = found(secret)
        return Done(result=secret, subject=about(secret))
