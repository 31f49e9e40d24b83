"""The tip of the audit log: what its tree is now, and what vouches for that."""

from dataclasses import dataclass, field

from domain.audit.merkle import TreeState

_DOMAIN = b"strongroom/audit-tip/1\n"
_SIZE_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TipTag:
    """A MAC over a tip, and the data key that the key of the MAC is derived from."""

    key_id: str
    mac: bytes = field(repr=False)


def tip_text(tree: TreeState) -> bytes:
    """Return what a MAC is made over.

    No two trees have the same: the size has a fixed length, and says how many peaks there are.
    """
    return _DOMAIN + tree.size.to_bytes(_SIZE_BYTES, "big") + b"".join(tree.peaks)
