"""Vouching for the end of the audit log although no server wrote it, because somebody says so."""

from dataclasses import dataclass

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.audit.merkle import TreeState
from domain.audit.query import MAX_LIMIT, AuditQuery
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
            Broken: there is no tree, because entries are missing, or the store has no key to vouch
                with.
        """
        key = session.data_keys.active(KeyPurpose.AUDIT)
        if key is None:
            raise Broken("the store has no key that vouches for its audit log; start it first")
        tree, is_stored = _tree(session)
        if tree.size != command.size:
            raise InvalidInput("size", f"the audit log has {tree.size} entries")
        tag = vouched(self._macs, tree, key_id=key.id)
        if is_stored:
            session.audit_tip.put(tag)
        else:
            session.audit_tip.restore(tree, tag)
        return Done(result=tree.size, subject=adopted(tree.size))


def _tree(session: Session) -> tuple[TreeState, bool]:
    """Return the tree, and whether it is stored; one that is not is computed from its leaves."""
    try:
        return session.audit_tree.state(), True
    except Broken:
        return _computed(session), False


def size_of(session: Session) -> int:
    """Return how many entries the log has that would be vouched for.

    Raises:
        Broken: there is no tree, because entries are missing.
    """
    tree, _ = _tree(session)
    return tree.size


def _computed(session: Session) -> TreeState:
    """Return the tree over the leaves that are there."""
    tree = TreeState()
    while page := session.audit.page(AuditQuery(after=tree.size, limit=MAX_LIMIT)):
        numbers = range(tree.size + 1, tree.size + len(page) + 1)
        if [record.number for record in page] != list(numbers):
            raise Broken(
                "the state of the audit tree is damaged and entries are missing, so there is no"
                " tree to vouch for; restore a backup"
            )
        tree, _ = tree.grown(record.leaf for record in page)
    return tree


def adopted(size: int) -> Subject:
    """Describe the adoption to the audit log."""
    return Subject(reference=f"a log of {size} entries")
