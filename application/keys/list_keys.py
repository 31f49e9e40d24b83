"""Looking at the keys, never at key material."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.keys.data_key import DataKey, KeyPurpose
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.rotation import Rotation
from domain.ports.signer import Signer
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKeys:
    """Ask for everything that is known of the keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """A data key and how many values are sealed under it."""

    key: DataKey
    values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOverview:
    """All data keys, oldest first; the root key; the newest rotation; who signs receipts."""

    keys: Sequence[KeyUse]
    root_key: RootKeyRecord | None
    rotation: Rotation | None
    verifier: str | None


class ListKeysUseCase(UseCase[ListKeys, KeyOverview]):
    """Counts what each key is needed for."""

    action = Action.LIST_KEYS
    changes = False

    def __init__(self, *, signer: Signer) -> None:
        """Take what knows the verifier key."""
        self._signer = signer

    def locate(self, command: ListKeys, session: Session) -> None:
        """Find nothing: keys are no secret of a name."""

    def perform(
        self, command: ListKeys, secret: Secret | None, session: Session
    ) -> Done[KeyOverview]:
        """Return the overview."""
        uses = [
            KeyUse(key=key, values=session.sealed_values.count_under(key.id))
            for key in session.data_keys.all()
        ]
        signing = session.data_keys.active(KeyPurpose.SIGN)
        overview = KeyOverview(
            keys=uses,
            root_key=session.root_keys.current(),
            rotation=next(iter(session.rotations.newest(limit=1)), None),
            verifier=None if signing is None else self._signer.verifier(signing.id),
        )
        return Done(result=overview, subject=Subject(reference=f"{len(uses)} keys"))
