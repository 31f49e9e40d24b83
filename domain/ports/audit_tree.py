"""The Merkle tree over the audit log."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.audit.merkle import STEP, NodeHash, TreeState, perfect
from domain.errors import Broken


class AuditTree(ABC):
    """Gives what roots and proofs are made of. It grows with the log, in the same transaction."""

    @abstractmethod
    def state(self) -> TreeState:
        """Return the size and the peaks.

        Raises:
            Broken: what is stored is the state of no tree.
        """

    @abstractmethod
    def hashes(self, height: int, *, start: int, count: int) -> Sequence[bytes]:
        """Return hashes of complete subtrees of 2^height leaves, from the one at `start`.

        `height` is 0, for leaves, or a multiple of `STEP`. What is not there is left out.
        """


def node_of(tree: AuditTree) -> NodeHash:
    """Return what gives the hash of any complete subtree, computed from those that are stored."""

    def node(height: int, index: int) -> bytes:
        stored = height - height % STEP
        count = 1 << (height - stored)
        found = tree.hashes(stored, start=index * count, count=count)
        if len(found) != count:
            raise Broken("the audit log lacks hashes; run 'strongroom audit verify'")
        return perfect(found)

    return node
