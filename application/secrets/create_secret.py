"""Storing a new secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from application.keys.sealer import Sealer
from application.secrets.generate_value import settle
from application.secrets.subjects import written
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.errors import NameTaken
from domain.keys.seal import UID_BYTES
from domain.ports.clock import Clock
from domain.ports.randomness import Randomness
from domain.ports.secret_repository import NewSecret
from domain.ports.storage import Session
from domain.secrets.generation import Recipe
from domain.secrets.name import SecretName
from domain.secrets.reference import ByName
from domain.secrets.secret import NO_TAGS, Secret, accept_description, accept_expiry, accept_tags
from domain.secrets.value import SecretValue


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSecret:
    """Ask for a new secret with a value, or with one to be generated."""

    name: SecretName
    value: SecretValue | Recipe
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: NO_TAGS)
    expires_at: datetime | None = None


class CreateSecretUseCase(UseCase[CreateSecret, Secret]):
    """Seals the value and keeps the secret at version 1."""

    action = Action.CREATE
    changes = True

    def __init__(self, *, sealer: Sealer, clock: Clock, randomness: Randomness) -> None:
        """Take what sealing, dating and generating need."""
        self._sealer = sealer
        self._clock = clock
        self._randomness = randomness

    def locate(self, command: CreateSecret, session: Session) -> None:
        """Find nothing: the secret is not there yet."""

    def names(self, command: CreateSecret, secret: Secret | None) -> tuple[str, ...]:
        """Return the name to be."""
        return (command.name.text,)

    def reference(self, command: CreateSecret) -> str:
        """Return the name to be."""
        return command.name.text

    def perform(
        self, command: CreateSecret, secret: Secret | None, session: Session
    ) -> Done[Secret]:
        """Keep the secret.

        Raises:
            NameTaken: a living secret has the name.
            InvalidInput: the description, a tag or the expiry breaks its rule.
        """
        now = self._clock.now()
        description = accept_description(command.description)
        tags = accept_tags(command.tags)
        expires_at = accept_expiry(command.expires_at, now)
        if session.secrets.find(ByName(command.name.text)) is not None:
            raise NameTaken
        uid = self._randomness.token(UID_BYTES)
        value = settle(command.value, self._randomness)
        sealed = self._sealer.seal(value, uid=uid, version=1, session=session)
        created = session.secrets.add(
            NewSecret(
                uid=uid,
                name=command.name.text,
                description=description,
                tags=tags,
                created_at=now,
                expires_at=expires_at,
                sealed=sealed,
            )
        )
        return Done(result=created, subject=written(created))
