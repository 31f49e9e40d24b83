"""The Merkle tree of RFC 9162, section 2.1, which is that of RFC 6962: hashes, and growing it."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from domain.errors import Broken

HASH_BYTES = 32
"""Length of a hash (SHA-256)."""

EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves (RFC 9162, section 2.1.1)."""

STEP = 8
"""Of the complete subtrees only those of 2^8, 2^16, … leaves are stored; the rest is computed."""

NodeHash = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree of 2^height leaves at an index, counted at that height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The hash of the complete subtree of 2^`height` leaves that begins at `index` times that."""

    height: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeState:
    """How many leaves there are, and the hashes of the largest complete subtrees, left to right.

    There is one such peak for each bit that is set in the size.

    Raises:
        Broken: the number of peaks, or a length, is not that of any tree.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Refuse what no tree can be."""
        fits = self.size >= 0 and len(self.peaks) == self.size.bit_count()
        if not fits or any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise Broken("the state of the audit tree is not that of any tree")

    @property
    def root(self) -> bytes:
        """Return the root (RFC 9162, section 2.1.1)."""
        return fold(self.peaks) if self.peaks else EMPTY_ROOT

    def grown(self, leaves: Iterable[bytes]) -> tuple["TreeState", Sequence[Node]]:
        """Return the tree with more leaves, and the subtrees to store that became complete."""
        size, peaks, nodes = self.size, list(self.peaks), list[Node]()
        for leaf in leaves:
            grown, height, index = leaf, 0, size
            while index & 1:
                grown, height, index = node_hash(peaks.pop(), grown), height + 1, index >> 1
                if height % STEP == 0:
                    nodes.append(Node(height=height, index=index, hash=grown))
            peaks.append(grown)
            size += 1
        return TreeState(size=size, peaks=tuple(peaks)), nodes


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over subtrees that stand side by side, each smaller than the one before."""
    *rest, folded = hashes
    for left in reversed(rest):
        folded = node_hash(left, folded)
    return folded


def perfect(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over 2^n subtrees of the same size."""
    while len(hashes) > 1:
        hashes = [
            node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)
        ]
    return hashes[0]


def range_hash(start: int, end: int, node: NodeHash) -> bytes:
    """Return the hash over the leaves from `start` to before `end`.

    `start` must be a multiple of a power of two that is not smaller than the range, as it is for
    every range of a proof.
    """
    hashes = []
    while start < end:
        height = (end - start).bit_length() - 1
        hashes.append(node(height, start >> height))
        start += 1 << height
    return fold(hashes)
