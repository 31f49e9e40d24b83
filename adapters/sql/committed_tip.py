"""What a process knows of the end of the audit log: the tip that it has committed last."""

import structlog

from domain.audit.merkle import TreeState
from domain.errors import StorageUnavailable

_log = structlog.get_logger("strongroom")

_OLDER = (
    "the audit log is not what this server itself has made of it: the database was put back to an"
    " earlier state, or has lost what was committed; run 'strongroom audit verify', and see"
    " docs/audit.md before you restart the server"
)


class CommittedTip:
    """Is shared by all connections of a process, which come and go.

    A tip of before fits its own MAC. So whoever puts an older database under a running server is
    told by nothing that lies in it, but by what the server remembers. Once one was found, the log
    counts for nothing in this process until it is again as it was left: servers that saw nothing
    go on with it, and it would soon be as long as the one that is gone.
    """

    def __init__(self) -> None:
        """Begin without a memory: what is found first is believed."""
        self._tree: TreeState | None = None
        self._is_lost = False

    def remember(self, tree: TreeState) -> None:
        """Take what this process has made durable itself."""
        self._tree = tree
        self._is_lost = False

    def require_no_older(self, tree: TreeState) -> None:
        """Let a tree pass that can have grown from the one that was committed.

        Raises:
            StorageUnavailable: it cannot.
        """
        ours = self._tree
        if ours is not None and tree.size <= ours.size:
            is_lost = tree != ours
            if is_lost and not self._is_lost:
                # Callers are told only that it fails. Said when it begins, not for each of them.
                _log.error(_OLDER, committed=ours.size, found=tree.size)
            self._is_lost = is_lost
        if self._is_lost:
            raise StorageUnavailable(_OLDER)
