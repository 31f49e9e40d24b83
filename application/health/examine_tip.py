"""Looking whether the audit log ends with what a server of this store wrote."""

from collections.abc import Sequence

from application.audit.check_tip import findings_at_tip
from domain.health.finding import Finding, error
from domain.ports.storage import Storage
from domain.ports.tip_mac import TipMac

CHECK = "audit"

_MEND = "strongroom audit verify shows more; do not start a server before you know who did this"


class ExamineTip:
    """Checks what vouches for the tip. The whole log is for `strongroom audit verify`."""

    def __init__(self, *, storage: Storage, macs: TipMac) -> None:
        """Take the store, and what vouches under its keys."""
        self._storage = storage
        self._macs = macs

    def __call__(self) -> Sequence[Finding]:
        """Look."""
        found = self._storage.read(lambda session: [*findings_at_tip(session, self._macs)])
        return [error(CHECK, one.text, _MEND) for one in found.result()]
