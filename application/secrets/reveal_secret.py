"""Reading the value of a secret."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.keys.sealer import Sealer
from application.secrets.earlier_version import earlier_seal
from application.secrets.subjects import about
from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.errors import Expired
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.reference import Reference
from domain.secrets.secret import Secret
from domain.secrets.value import SecretValue
from domain.secrets.version import accept_version


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealSecret:
    """Ask for a value: the newest, or that of one version."""

    reference: Reference
    version: int | None = None

    def __post_init__(self) -> None:
        """Refuse a version that cannot exist."""
        if self.version is not None:
            accept_version(self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """A secret and the value of one of its versions."""

    secret: Secret
    version: int
    value: SecretValue


class RevealSecretUseCase(UseCase[RevealSecret, Revealed]):
    """Opens the seal."""

    action = Action.REVEAL
    changes = False

    def __init__(self, *, sealer: Sealer, clock: Clock) -> None:
        """Take what opens and what dates."""
        self._sealer = sealer
        self._clock = clock

    def looks_for(self, command: RevealSecret) -> Sequence[Reference]:
        """Return the one secret."""
        return (command.reference,)

    def locate(self, command: RevealSecret, session: Session) -> Secret:
        """Find the living secret."""
        return found(session.secrets.find(command.reference))

    def perform(
        self, command: RevealSecret, secret: Secret | None, session: Session
    ) -> Done[Revealed]:
        """Open the value.

        Raises:
            Expired: the secret's expiry has passed.
            NotFound: there is no such version, or its value was destroyed.
            Broken: the stored value does not open.
        """
        secret = found(secret)
        if secret.is_expired(self._clock.now()):
            raise Expired
        version, sealed = self._choose(command, secret, session)
        value = self._sealer.open(sealed, uid=secret.uid, version=version, session=session)
        return Done(
            result=Revealed(secret=secret, version=version, value=value),
            subject=about(secret, version=version),
        )

    def size(self, result: Revealed) -> int:
        """Return the length of the value as it was stored, which is more than that of itself."""
        return len(result.secret.sealed)

    def note(self, done: Done[Revealed], session: Session) -> None:
        """Remember when the value was last read."""
        session.catalogue.note_read(done.result.secret.id, self._clock.now())

    def _choose(self, command: RevealSecret, secret: Secret, session: Session) -> tuple[int, str]:
        """Return the version asked for and its stored form."""
        if command.version is None or command.version == secret.version:
            return secret.version, secret.sealed
        return command.version, earlier_seal(secret, command.version, session)
