"""Proving to somebody who trusts a root that an entry is in the log, or that it only grew."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.checkpoint import Checkpoint
from domain.audit.event import Subject
from domain.audit.merkle import range_hash
from domain.audit.proofs import consistency_proof, inclusion_proof
from domain.errors import InvalidInput, NotFound
from domain.ports.audit_tree import node_of
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionOf:
    """The claim that an entry is among the first `size`, or those of the newest checkpoint."""

    number: int
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyOf:
    """The claim that the log of `first` entries is the beginning of that of `second`.

    `second` is the size of the newest checkpoint if unset.
    """

    first: int
    second: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prove:
    """Ask for a proof."""

    of: InclusionOf | ConsistencyOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A proof for the tree of `size` and `root`, and the checkpoint of that size if there is one.

    `start` is the leaf hash of the entry, or the root of the smaller log.
    """

    of: InclusionOf | ConsistencyOf
    start: bytes
    size: int
    root: bytes
    hashes: Sequence[bytes]
    checkpoint: Checkpoint | None


class ProveUseCase(UseCase[Prove, Proved]):
    """Computes proofs from the stored subtrees."""

    action = Action.PROVE
    changes = False

    def locate(self, command: Prove, session: Session) -> None:
        """Find nothing: the log is no secret of a name."""

    def perform(self, command: Prove, secret: Secret | None, session: Session) -> Done[Proved]:
        """Make the proof.

        Raises:
            NotFound: there is no such entry, or no checkpoint yet.
            InvalidInput: a size is not one that the log has had, or does not cover the rest.
        """
        if isinstance(command.of, InclusionOf):
            proved = _inclusion(command.of, session)
            about = f"entry {command.of.number} of {proved.size}"
        else:
            proved = _consistency(command.of, session)
            about = f"{command.of.first} entries of {proved.size}"
        return Done(result=proved, subject=Subject(reference=about))


def _inclusion(of: InclusionOf, session: Session) -> Proved:
    """Prove that an entry is there."""
    if not 1 <= of.number <= session.audit_tree.state().size:
        raise NotFound("entry")
    size = _size("size", of.size, of.number, session)
    node = node_of(session.audit_tree)
    return Proved(
        of=of,
        start=node(0, of.number - 1),
        size=size,
        root=range_hash(0, size, node),
        hashes=inclusion_proof(of.number - 1, size, node),
        checkpoint=_checkpoint(size, session),
    )


def _consistency(of: ConsistencyOf, session: Session) -> Proved:
    """Prove that the log only grew."""
    if of.first < 1:
        raise InvalidInput("first", "must be at least 1")
    second = _size("second", of.second, of.first, session)
    node = node_of(session.audit_tree)
    return Proved(
        of=of,
        start=range_hash(0, of.first, node),
        size=second,
        root=range_hash(0, second, node),
        hashes=consistency_proof(of.first, second, node),
        checkpoint=_checkpoint(second, session),
    )


def _size(field: str, asked: int | None, least: int, session: Session) -> int:
    """Return the size of the tree that is proved for."""
    if asked is None:
        newest = session.checkpoints.newest()
        if newest is None or newest.size < least:
            raise NotFound("checkpoint yet that covers this; ask again after the next one")
        return newest.size
    if not least <= asked <= session.audit_tree.state().size:
        raise InvalidInput(field, "must cover what is to be proved, and be a size of the log")
    return asked


def _checkpoint(size: int, session: Session) -> Checkpoint | None:
    """Return the checkpoint of exactly this size, if there is one."""
    found = session.checkpoints.after(size - 1, limit=1)
    return found[0] if found and found[0].size == size else None
