"""What a process knows of the end of the audit log: the tip that it has committed last."""

from domain.audit.merkle import TreeState
from domain.errors import StorageUnavailable

_OLDER = (
    "the audit log is not what this server itself has made of it: the database was put back to an"
    " earlier state, or has lost what was committed; run 'strongroom audit verify', and see"
    " docs/audit.md before you restart the server"
)


class CommittedTip:
    """Is shared by all connections of a process, which come and go.

    A tip of before fits its own MAC. So whoever puts an older database under a running server is
    told by nothing that lies in it, but by what the server remembers.
    """

    def __init__(self) -> None:
        """Begin without a memory: what is found first is believed."""
        self.tree: TreeState | None = None

    def require_no_older(self, tree: TreeState) -> None:
        """Let a tree pass that can have grown from the one that was committed.

        Raises:
            StorageUnavailable: it cannot.
        """
        ours = self.tree
        if ours is not None and (
            tree.size < ours.size or (tree.size == ours.size and tree.peaks != ours.peaks)
        ):
            raise StorageUnavailable(_OLDER)
