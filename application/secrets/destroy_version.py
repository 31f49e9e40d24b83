"""Erasing one earlier value for good."""

from dataclasses import dataclass

from application.secrets.earlier_version import earlier_seal
from application.secrets.subjects import about
from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.errors import InvalidInput
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret
from domain.secrets.version import accept_version


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyVersion:
    """Ask for the value of one earlier version to be erased."""

    reference: SecretId
    version: int

    def __post_init__(self) -> None:
        """Refuse a version that cannot exist."""
        accept_version(self.version)


class DestroyVersionUseCase(UseCase[DestroyVersion, Secret]):
    """Erases the value and keeps the fact that there was one."""

    action = Action.DESTROY_VERSION
    changes = True

    def __init__(self, *, clock: Clock) -> None:
        """Take what dates the destruction."""
        self._clock = clock

    def locate(self, command: DestroyVersion, session: Session) -> Secret:
        """Find the living secret."""
        return found(session.secrets.find(command.reference))

    def perform(
        self, command: DestroyVersion, secret: Secret | None, session: Session
    ) -> Done[Secret]:
        """Erase the value.

        Raises:
            InvalidInput: the version is the newest, which a secret cannot be without.
            NotFound: there is no such version, or its value was destroyed before.
        """
        secret = found(secret)
        if command.version == secret.version:
            raise InvalidInput("version", "is the newest, set a new value first")
        earlier_seal(secret, command.version, session)
        session.versions.destroy(secret.id, command.version, self._clock.now())
        return Done(result=secret, subject=about(secret, version=command.version))
