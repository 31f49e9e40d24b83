"""The tree and its proofs: published answers, and the laws of RFC 9162 against the plain recursion.

The published answers are those that the tests of Google's Certificate Transparency log gave for
RFC 6962 and that later implementations repeat.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.audit.merkle import (
    EMPTY_ROOT,
    STEP,
    TreeState,
    leaf_hash,
    node_hash,
    perfect,
    range_hash,
)
from domain.audit.proofs import (
    ProofBroken,
    consistency_proof,
    inclusion_proof,
    root_with,
    verify_consistency,
    verify_inclusion,
)
from domain.errors import Broken

VECTORS = json.loads((Path(__file__).parent / "vectors" / "merkle.json").read_text("utf-8"))
KNOWN = [leaf_hash(bytes.fromhex(text)) for text in VECTORS["leaves"]]

MANY = [leaf_hash(b"%d" % number) for number in range(600)]
"""More than two whole subtrees that are stored."""


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root as the definition says it (RFC 9162, section 2.1.1)."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(naive_root(leaves[:half]), naive_root(leaves[half:]))


def nodes_of(leaves: Sequence[bytes]) -> Callable[[int, int], bytes]:
    """Return what gives the hashes of complete subtrees over the leaves."""

    def node(height: int, index: int) -> bytes:
        found = leaves[index << height : (index + 1) << height]
        assert len(found) == 1 << height, "only complete subtrees are asked for"
        return perfect(found)

    return node


def hexes(proof: Sequence[bytes]) -> list[str]:
    return [item.hex() for item in proof]


def test_the_roots_are_the_published_ones() -> None:
    assert VECTORS["empty"] == EMPTY_ROOT.hex() == TreeState().root.hex()
    roots = [TreeState().grown(KNOWN[:size])[0].root.hex() for size in range(1, 9)]
    assert roots == VECTORS["roots"]


@pytest.mark.parametrize("known", VECTORS["inclusion"])
def test_the_inclusion_proofs_are_the_published_ones(known: dict[str, object]) -> None:
    index, size = int(str(known["index"])), int(str(known["size"]))
    assert hexes(inclusion_proof(index, size, nodes_of(KNOWN[:size]))) == known["proof"]


@pytest.mark.parametrize("known", VECTORS["consistency"])
def test_the_consistency_proofs_are_the_published_ones(known: dict[str, object]) -> None:
    first, second = int(str(known["first"])), int(str(known["second"]))
    assert hexes(consistency_proof(first, second, nodes_of(KNOWN[:second]))) == known["proof"]


@given(st.integers(0, 600), st.integers(0, 600))
def test_a_tree_grows_the_same_in_one_step_as_in_two(first: int, second: int) -> None:
    size, end = sorted((first, second))
    once, stored = TreeState().grown(MANY[:end])
    half, before = TreeState().grown(MANY[:size])
    twice, after = half.grown(MANY[size:end])
    assert once == twice
    assert once.root == naive_root(MANY[:end])
    assert [*before, *after] == list(stored)
    places = [(node.height, node.index) for node in stored]
    assert places == [(STEP, index) for index in range(end >> STEP)]
    assert all(node.hash == nodes_of(MANY)(node.height, node.index) for node in stored)


@given(st.integers(1, 300), st.data())
def test_every_leaf_proves_its_place_and_no_other(size: int, data: st.DataObject) -> None:
    leaves = MANY[:size]
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, nodes_of(leaves)), naive_root(leaves)
    verify_inclusion(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(-1, size))
    assume(other != index)
    with pytest.raises(ProofBroken):
        verify_inclusion(leaves[index], other, size, proof, root)
    with pytest.raises(ProofBroken):
        verify_inclusion(leaf_hash(b"other"), index, size, proof, root)


@given(st.integers(1, 300), st.integers(1, 300))
def test_every_tree_proves_its_beginnings(one: int, other: int) -> None:
    first, second = sorted((one, other))
    proof = consistency_proof(first, second, nodes_of(MANY[:second]))
    roots = naive_root(MANY[:first]), naive_root(MANY[:second])
    verify_consistency(first, second, proof, *roots)
    for wrong in ((roots[0], EMPTY_ROOT), (EMPTY_ROOT, roots[1])):
        with pytest.raises(ProofBroken):
            verify_consistency(first, second, proof, *wrong)


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_a_proof_that_was_changed_shows_nothing(one: int, other: int, data: st.DataObject) -> None:
    first, second = sorted((one, other))
    node = nodes_of(MANY[:second])
    inclusion = list(inclusion_proof(first - 1, second, node))
    consistency = list(consistency_proof(first, second, node))
    roots = naive_root(MANY[:first]), naive_root(MANY[:second])
    change = data.draw(st.sampled_from([_shorter, _longer, _flipped]))
    place = (MANY[first - 1], first - 1, second)
    checks: list[tuple[list[bytes], Callable[[list[bytes]], None]]] = [
        (inclusion, lambda proof: verify_inclusion(*place, proof, roots[1])),
        (consistency, lambda proof: verify_consistency(first, second, proof, *roots)),
    ]
    for proof, verify in checks:
        changed = change(proof, data)
        assume(changed != proof)
        with pytest.raises(ProofBroken):
            verify(changed)


def _shorter(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    return proof[:-1]


def _longer(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    place = data.draw(st.integers(0, len(proof)))
    return [*proof[:place], EMPTY_ROOT, *proof[place:]]


def _flipped(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    if not proof:
        return proof
    place = data.draw(st.integers(0, len(proof) - 1))
    return [*proof[:place], bytes([proof[place][0] ^ 1]) + proof[place][1:], *proof[place + 1 :]]


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3), (-1, 3)])
def test_sizes_that_cannot_be_prove_nothing(first: int, second: int) -> None:
    with pytest.raises(ProofBroken):
        verify_consistency(first, second, [], EMPTY_ROOT, EMPTY_ROOT)


def test_a_range_is_hashed_as_the_tree_over_it() -> None:
    assert range_hash(256, 300, nodes_of(MANY)) == naive_root(MANY[256:300])


@pytest.mark.parametrize(
    "state", [{"size": 1}, {"size": 3, "peaks": (EMPTY_ROOT,)}, {"size": 1, "peaks": (b"short",)}]
)
def test_a_state_that_is_of_no_tree_is_refused(state: dict[str, object]) -> None:
    with pytest.raises(Broken):
        TreeState(**state)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_known_leaves_have_the_root_of_the_tree_in_their_own_places_only(size: int) -> None:
    leaves = MANY[:size]
    root, node = naive_root(leaves), nodes_of(leaves)
    for places in ([0], [size - 1], [size // 2, size // 3], range(size)):
        known = {place: leaves[place] for place in places}
        assert root_with(known, size, node) == root
        place = places[0]
        assert root_with({**known, place: leaf_hash(b"another")}, size, node) != root
    # What is given for the rest is believed by nobody.
    if size > 1:
        forged = nodes_of([leaf_hash(b"another"), *leaves[1:]])
        assert root_with({size - 1: leaves[size - 1]}, size, forged) != root
