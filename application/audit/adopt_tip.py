"""Vouching for the end of the audit log although no server wrote it, because somebody says so."""

from dataclasses import dataclass

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.errors import Broken, InvalidInput
from domain.keys.data_key import KeyPurpose
from domain.ports.storage import Session
from domain.ports.tip_mac import TipMac, vouched
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptTip:
    """Ask for a log of exactly this many entries to be vouched for as it is."""

    size: int


class AdoptTipUseCase(UseCase[AdoptTip, int]):
    """Writes a new tag. It is for whoever has the root key and has looked; the log tells of it."""

    action = Action.ADOPT_TIP
    changes = True

    def __init__(self, *, macs: TipMac) -> None:
        """Take what vouches."""
        self._macs = macs

    def locate(self, command: AdoptTip, session: Session) -> None:
        """Find nothing: the log is no secret of a name."""

    def perform(self, command: AdoptTip, secret: Secret | None, session: Session) -> Done[int]:
        """Vouch for the tip.

        Raises:
            InvalidInput: the log has another size.
            Broken: the state of the tree is that of none, or the store has no key to vouch with.
        """
        key = session.data_keys.active(KeyPurpose.AUDIT)
        if key is None:
            raise Broken("the store has no key that vouches for its audit log; start it first")
        tree = session.audit_tree.state()
        if tree.size != command.size:
            raise InvalidInput("size", f"the audit log has {tree.size} entries")
        session.audit_tip.put(vouched(self._macs, tree, key_id=key.id))
        return Done(result=tree.size, subject=adopted(tree.size))


def adopted(size: int) -> Subject:
    """Describe the adoption to the audit log."""
    return Subject(reference=f"a log of {size} entries")
