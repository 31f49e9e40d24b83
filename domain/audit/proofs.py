"""Proofs about the audit log: making them, and checking them without trusting who made them."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from domain.audit.merkle import NodeHash, node_hash, range_hash
from domain.errors import Broken


class ProofBroken(Broken):
    """A proof does not show what it should."""


def root_with(leaves: Mapping[int, bytes], size: int, node: NodeHash) -> bytes:
    """Return the root of a tree that has these leaves at these places.

    If it is the root of a tree that is known, they are its leaves: whatever `node` gives for the
    rest, nobody finds another way to the same root (RFC 9162, section 2.1).

    Args:
        leaves: hashes by place, from 0; each place must lie below `size`.
        size: how many leaves the tree has; at least 1.
        node: gives the hashes of complete subtrees that have none of these leaves.
    """
    places = sorted(leaves)

    def found(height: int, index: int) -> bytes:
        at = bisect_left(places, index << height)
        if at == len(places) or places[at] >= (index + 1) << height:
            return node(height, index)
        if height == 0:
            return leaves[index]
        return node_hash(found(height - 1, 2 * index), found(height - 1, 2 * index + 1))

    return range_hash(0, size, found)


def inclusion_proof(index: int, size: int, node: NodeHash) -> Sequence[bytes]:
    """Return what shows that a leaf is in the tree of a size (RFC 9162, section 2.1.3.1).

    Args:
        index: the place of the leaf, from 0; it must lie below `size`.
        size: how many leaves the tree has.
        node: gives the hashes of complete subtrees.
    """
    start, end, path = 0, size, list[bytes]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_hash(middle, end, node))
            end = middle
        else:
            path.append(range_hash(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(first: int, second: int, node: NodeHash) -> Sequence[bytes]:
    """Return what shows that a tree is the beginning of another (RFC 9162, section 2.1.4.1).

    Args:
        first: how many leaves the smaller tree has; at least 1.
        second: how many the larger one has; not less than `first`.
        node: gives the hashes of complete subtrees.
    """
    start, end, path = 0, second, list[bytes]()
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(range_hash(middle, end, node))
            end = middle
        else:
            path.append(range_hash(start, middle, node))
            start = middle
    if start > 0:
        path.append(range_hash(start, end, node))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """See that a leaf is in the tree of a root (RFC 9162, section 2.1.3.2).

    Raises:
        ProofBroken: the proof does not show it.
    """
    if not 0 <= index < size:
        raise ProofBroken("the entry lies outside of the tree")
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofBroken("the proof is too long")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ProofBroken("the proof is too short")
    if found != root:
        raise ProofBroken("the entry is not in the tree of this root")


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """See that one tree is the beginning of another (RFC 9162, section 2.1.4.2).

    Raises:
        ProofBroken: the proof does not show it.
    """
    if not 0 < first <= second:
        raise ProofBroken("the sizes are not those of a tree and its beginning")
    if first == second:
        if proof or first_root != second_root:
            raise ProofBroken("two roots of the same size differ")
        return
    hashes = iter([first_root, *proof] if first & (first - 1) == 0 else proof)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    roots = _climb(at, last, hashes)
    if roots != (first_root, second_root):
        raise ProofBroken("the larger tree does not begin with the smaller one")


def _climb(at: int, last: int, hashes: Iterator[bytes]) -> tuple[bytes, bytes]:
    """Return the roots of both trees that the hashes of a consistency proof lead to."""
    first = second = next(hashes, b"")
    for sibling in hashes:
        if last == 0:
            raise ProofBroken("the proof is too long")
        if at & 1 or at == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ProofBroken("the proof is too short")
    return first, second


def _split(size: int) -> int:
    """Return the largest power of two below a size (RFC 9162, section 2.1.1)."""
    return 1 << (size - 1).bit_length() - 1
