"""Rolling a secret back to an earlier value."""

from dataclasses import dataclass, replace

from application.keys.sealer import Sealer
from application.secrets.earlier_version import earlier_seal
from application.secrets.new_version import supersede
from application.secrets.subjects import written
from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.errors import InvalidInput
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret
from domain.secrets.version import accept_version


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreVersion:
    """Ask for the value of an earlier version to be the newest again."""

    reference: SecretId
    version: int

    def __post_init__(self) -> None:
        """Refuse a version that cannot exist."""
        accept_version(self.version)


class RestoreVersionUseCase(UseCase[RestoreVersion, Secret]):
    """Seals the earlier value anew, as the next version."""

    action = Action.RESTORE_VERSION
    changes = True

    def __init__(self, *, sealer: Sealer, clock: Clock) -> None:
        """Take what seals and what dates."""
        self._sealer = sealer
        self._clock = clock

    def locate(self, command: RestoreVersion, session: Session) -> Secret:
        """Find the living secret."""
        return found(session.secrets.find(command.reference))

    def perform(
        self, command: RestoreVersion, secret: Secret | None, session: Session
    ) -> Done[Secret]:
        """Roll back.

        Raises:
            InvalidInput: the version is the newest already.
            NotFound: there is no such version, or its value was destroyed.
            Broken: its stored value does not open.
        """
        secret = found(secret)
        if command.version == secret.version:
            raise InvalidInput("version", "is the newest already, choose an earlier one")
        sealed = earlier_seal(secret, command.version, session)
        value = self._sealer.open(sealed, uid=secret.uid, version=command.version, session=session)
        now = self._clock.now()
        changed = replace(secret, updated_at=now)
        changed = supersede(changed, value, now=now, sealer=self._sealer, session=session)
        changed = session.secrets.replace(changed)
        return Done(result=changed, subject=written(changed))
