"""The JSON of the area of audit. Entries are not encoded here: their canonical lines are sent."""

from datetime import datetime

import msgspec

from application.audit.prove import InclusionOf, Proved
from application.audit.read_checkpoint import SignedCheckpoint
from domain.audit.encoding import record_line
from domain.audit.record import AuditRecord


class AuditEntry(msgspec.Struct, kw_only=True, tag="sa1", tag_field="tag"):
    """An entry as it is hashed: exactly these bytes, without blanks, are the leaf."""

    number: int
    at: str
    request_id: str
    principal: str
    address: str
    action: str
    outcome: str
    rule: str
    reason: str | None
    reference: str
    uid: str | None
    name: str | None
    version: int | None
    revision: int | None
    digest: str | None
    facts: str | msgspec.UnsetType = msgspec.UNSET


class ErasedEntry(msgspec.Struct, kw_only=True, tag="erased", tag_field="tag"):
    """What is left of an entry that was erased: its leaf hash, in hexadecimal."""

    number: int
    leaf: str


class DamagedEntry(msgspec.Struct, kw_only=True, tag="damaged", tag_field="tag"):
    """A place where nothing stands that could be an entry."""

    number: int
    leaf: str


class Checkpoint(msgspec.Struct, kw_only=True):
    """A checkpoint; `note` is signed (C2SP tlog-checkpoint), and `verifier` is the key for it."""

    size: int
    root: bytes
    at: datetime
    note: str
    verifier: str


class InclusionProof(msgspec.Struct, kw_only=True):
    """Shows that the entry with a leaf hash is in the tree of a size and root (RFC 9162, 2.1.3)."""

    number: int
    leaf: bytes
    size: int
    root: bytes
    hashes: list[bytes]
    checkpoint: str | None


class ConsistencyProof(msgspec.Struct, kw_only=True):
    """Shows that a tree is the beginning of another (RFC 9162, section 2.1.4)."""

    first: int
    first_root: bytes
    second: int
    second_root: bytes
    hashes: list[bytes]
    checkpoint: str | None


def line(of: AuditRecord) -> msgspec.Raw:
    """Return the canonical line of a record, to be sent as it stands."""
    return msgspec.Raw(record_line(of).encode("ascii"))


def checkpoint(of: SignedCheckpoint) -> Checkpoint:
    """Write out a checkpoint."""
    found = of.checkpoint
    return Checkpoint(
        size=found.size, root=found.root, at=found.at, note=found.note, verifier=of.verifier
    )


def proof(of: Proved) -> InclusionProof | ConsistencyProof:
    """Write out a proof."""
    note = None if of.checkpoint is None else of.checkpoint.note
    if isinstance(of.of, InclusionOf):
        return InclusionProof(
            number=of.of.number,
            leaf=of.start,
            size=of.size,
            root=of.root,
            hashes=list(of.hashes),
            checkpoint=note,
        )
    return ConsistencyProof(
        first=of.of.first,
        first_root=of.start,
        second=of.size,
        second_root=of.root,
        hashes=list(of.hashes),
        checkpoint=note,
    )
