"""A checkpoint: what the log was at a moment, signed, so that it cannot be told otherwise later."""

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime

from domain.audit.merkle import HASH_BYTES, TreeState
from domain.errors import Broken

_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A size of the log and the root over its entries; `note` is the signed note that says so.

    `key_id` names the data key that the signing key is derived from.
    """

    size: int
    root: bytes
    at: datetime
    key_id: str
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the text of a checkpoint says."""

    origin: str
    size: int
    root: bytes


def checkpoint_text(origin: str, tree: TreeState, at: datetime) -> str:
    """Return the text of a checkpoint (C2SP tlog-checkpoint), to be signed as a note.

    The moment stands in an extension line, which other tools pass over.
    """
    root = base64.b64encode(tree.root).decode("ascii")
    return f"{origin}\n{tree.size}\n{root}\ntime {at.strftime('%Y-%m-%dT%H:%M:%SZ')}\n"


def parse_checkpoint(text: str) -> Claim:
    """Read the text of a checkpoint, whose signature has been verified.

    Raises:
        Broken: it has another form.
    """
    lines = text.split("\n")
    if len(lines) <= _LINES or lines.pop() or not all(lines):
        raise Broken("the text is not that of a checkpoint")
    origin, size, encoded = lines[:_LINES]
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if not (size.isascii() and size.isdigit()) or str(int(size)) != size or len(root) != HASH_BYTES:
        raise Broken("the text is not that of a checkpoint")
    return Claim(origin=origin, size=int(size), root=root)
