"""Changing a secret in part."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import Enum
from typing import Any

from application.keys.sealer import Sealer
from application.secrets.generate_value import settle
from application.secrets.new_version import supersede
from application.secrets.subjects import written
from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.errors import InvalidInput, LostRace, NameTaken
from domain.ports.clock import Clock
from domain.ports.randomness import Randomness
from domain.ports.storage import Session
from domain.secrets.generation import Recipe
from domain.secrets.name import SecretName
from domain.secrets.reference import ByName, SecretId
from domain.secrets.secret import Secret, accept_description, accept_expiry, accept_tags
from domain.secrets.value import SecretValue


class Keep(Enum):
    """The mark of a field that stays as it is, told apart from one that is cleared."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSecret:
    """Ask for a change; `None` clears a field, `KEEP` leaves it.

    `revision` is the one that the caller read; the change is refused when it is not the newest.

    Raises:
        InvalidInput: there is nothing to change.
    """

    reference: SecretId
    name: SecretName | Keep = KEEP
    value: SecretValue | Recipe | Keep = KEEP
    description: str | Keep | None = KEEP
    tags: Mapping[str, str] | Keep | None = KEEP
    expires_at: datetime | Keep | None = KEEP
    revision: int | None = None

    def __post_init__(self) -> None:
        """Refuse a change of nothing."""
        given = [f.name for f in fields(self) if f.name not in {"reference", "revision"}]
        if all(getattr(self, name) is KEEP for name in given):
            raise InvalidInput("body", "must name at least one field to change")


class UpdateSecretUseCase(UseCase[UpdateSecret, Secret]):
    """Writes what changed; a new value becomes a new version."""

    action = Action.UPDATE
    changes = True

    def __init__(self, *, sealer: Sealer, clock: Clock, randomness: Randomness) -> None:
        """Take what sealing, dating and generating need."""
        self._sealer = sealer
        self._clock = clock
        self._randomness = randomness

    def locate(self, command: UpdateSecret, session: Session) -> Secret:
        """Find the living secret."""
        return found(session.secrets.find(command.reference))

    def names(self, command: UpdateSecret, secret: Secret | None) -> tuple[str, ...]:
        """Return the name there is and the name to be: a rename needs the right to both."""
        old = super().names(command, secret)
        return old if isinstance(command.name, Keep) else (*old, command.name.text)

    def needs(self, command: UpdateSecret, secret: Secret | None) -> tuple[tuple[Action, str], ...]:
        """Ask for the right to the value too when it moves: others may read it at its new name."""
        name = found(secret).name
        if isinstance(command.name, Keep) or command.name.text == name:
            return ()
        return ((Action.REVEAL, name),)

    def perform(
        self, command: UpdateSecret, secret: Secret | None, session: Session
    ) -> Done[Secret]:
        """Write the change.

        Raises:
            LostRace: the caller read another revision.
            NameTaken: another living secret has the new name.
            InvalidInput: a field breaks its rule.
        """
        secret = found(secret)
        if command.revision not in {None, secret.revision}:
            raise LostRace
        now = self._clock.now()
        changed = replace(secret, updated_at=now, **self._plain_fields(command, now))
        if changed.name != secret.name and session.secrets.find(ByName(changed.name)) is not None:
            raise NameTaken
        if not isinstance(command.value, Keep):
            value = settle(command.value, self._randomness)
            changed = supersede(changed, value, now=now, sealer=self._sealer, session=session)
        changed = session.secrets.replace(changed)
        return Done(result=changed, subject=written(changed))

    def _plain_fields(self, command: UpdateSecret, now: datetime) -> dict[str, Any]:
        """Return the fields without a seal that change, checked."""
        changes: dict[str, Any] = {}
        if not isinstance(command.name, Keep):
            changes["name"] = command.name.text
        if not isinstance(command.description, Keep):
            changes["description"] = accept_description(command.description)
        if not isinstance(command.tags, Keep):
            changes["tags"] = accept_tags(command.tags)
        if not isinstance(command.expires_at, Keep):
            changes["expires_at"] = accept_expiry(command.expires_at, now)
        return changes
