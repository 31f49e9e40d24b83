"""The second half of a root-key rotation: every data key wrapped anew, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.errors import RootKeyMoved
from domain.keys.data_key import DataKey
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceRootKey:
    """Ask for what the plan listed to be exchanged: the keys as they were, and wrapped anew."""

    record: RootKeyRecord
    before: Sequence[DataKey]
    after: Sequence[DataKey]


class ReplaceRootKeyUseCase(UseCase[ReplaceRootKey, RootKeyRecord]):
    """Exchanges all wrapped keys, or none."""

    action = Action.REPLACE_ROOT_KEY
    changes = True

    def locate(self, command: ReplaceRootKey, session: Session) -> None:
        """Find nothing: keys are no secret of a name."""

    def perform(
        self, command: ReplaceRootKey, secret: Secret | None, session: Session
    ) -> Done[RootKeyRecord]:
        """Exchange them.

        Raises:
            RootKeyMoved: another rotation was first, or a key was minted, retired or destroyed
                since the plan was made.
        """
        current = session.root_keys.current()
        if current is None or current.generation + 1 != command.record.generation:
            raise RootKeyMoved
        if list(session.data_keys.all()) != list(command.before):
            raise RootKeyMoved
        for key in command.after:
            session.data_keys.replace(key)
        session.root_keys.add(command.record)
        reference = f"root key {command.record.generation} at {command.record.source}"
        return Done(result=command.record, subject=Subject(reference=reference[:300]))
