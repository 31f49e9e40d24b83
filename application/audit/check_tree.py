"""Recomputing the tree from its leaves, and comparing it with everything that was signed."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from domain.audit.checkpoint import Claim
from domain.audit.finding import Finding
from domain.audit.merkle import Node, TreeState
from domain.errors import Broken
from domain.ports.audit_tree import AuditTree


class CheckTree:
    """Takes leaves in their order, and looks at each size that a checkpoint was signed of."""

    def __init__(self, stored: AuditTree, claims: Sequence[Claim]) -> None:
        """Take what is stored, and what was signed."""
        self._stored = stored
        self._claims = sorted(claims, key=lambda claim: claim.size)
        self._next = 0
        self._signed = 0
        self._fits = True
        self.tree = TreeState()
        self.is_that_of_the_state = True
        """Whether the stored state was not seen to be another one than that of the leaves."""

    def follow(self, leaves: Sequence[bytes]) -> Iterator[Finding]:
        """Take in more leaves."""
        sizes = {claim.size for claim in self._claims}
        start, end = self.tree.size, self.tree.size + len(leaves)
        stops = [start, *sorted(size for size in sizes if start < size < end), end]
        for begin, stop in pairwise(stops):
            self.tree, nodes = self.tree.grown(leaves[begin - start : stop - start])
            for node in nodes:
                yield from self._subtree(node)
            yield from self._signed_here()

    def end(self) -> Iterator[Finding]:
        """Compare what is left at the end of the log."""
        try:
            state = self._stored.state()
        except Broken as error:
            self.is_that_of_the_state = False
            yield Finding(text=str(error))
        else:
            if state != self.tree:
                self.is_that_of_the_state = False
                yield self._differs(state)
        longest = self._claims[-1].size if self._claims else 0
        if longest > self.tree.size:
            yield Finding(
                entry=self.tree.size + 1,
                text=f"entries {self.tree.size + 1} to {longest} are gone: a checkpoint of"
                f" {longest} entries was signed",
            )

    def _differs(self, state: TreeState) -> Finding:
        """Say how the stored state is not that of the leaves."""
        size = self.tree.size
        if state.size > size:
            text = f"entries {size + 1} to {state.size} are gone: the state of the tree has them"
            return Finding(entry=size + 1, text=text)
        if state.size < size:
            text = f"the state of the tree has {state.size} entries only, the log has {size}"
            return Finding(entry=state.size + 1, text=text)
        return Finding(text="the state of the tree is not that of the entries")

    def _subtree(self, node: Node) -> Iterator[Finding]:
        """Compare a stored subtree."""
        stored = self._stored.hashes(node.height, start=node.index, count=1)
        if list(stored) != [node.hash]:
            first, last = (node.index << node.height) + 1, (node.index + 1) << node.height
            yield Finding(
                entry=first, text=f"entries {first} to {last} are not those of their stored subtree"
            )

    def _signed_here(self) -> Iterator[Finding]:
        """Compare the root with every checkpoint of this size; tell of the first that differs."""
        while self._next < len(self._claims) and self._claims[self._next].size <= self.tree.size:
            claim = self._claims[self._next]
            self._next += 1
            if claim.root == self.tree.root:
                self._signed = claim.size
            elif self._fits:
                self._fits = False
                first = self._signed + 1
                yield Finding(
                    entry=first,
                    text=f"among entries {first} to {claim.size} is one that is not as it was"
                    " signed in a checkpoint",
                )
