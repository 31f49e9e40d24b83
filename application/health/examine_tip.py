"""Looking whether the audit log ends with what a server of this store wrote."""

from collections.abc import Sequence

from application.audit.check_tip import findings_at_tip
from application.audit.trusted_anew import adopted_text, adoptions, replaced_text, replacements
from domain.health.finding import Finding, error, note
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac

CHECK = "audit"

_MEND = "strongroom audit verify shows more; do not start a server before you know who did this"
_ASKED = "see that each was the first start of a new version, or somebody's who had looked"
_ASKED_OF_KEYS = "see that each was somebody's who had looked and found the key in no backup"


class ExamineTip:
    """Checks what vouches for the tip. The whole log is for `strongroom audit verify`."""

    def __init__(self, *, storage: Storage, macs: TipMac) -> None:
        """Take the store, and what vouches under its keys."""
        self._storage = storage
        self._macs = macs

    def __call__(self) -> Sequence[Finding]:
        """Look."""
        return self._storage.read(self._look).result()

    def _look(self, session: Session) -> Sequence[Finding]:
        """Look at one snapshot."""
        told = [error(CHECK, one.text, _MEND) for one in findings_at_tip(session, self._macs)]
        if numbers := adoptions(session):
            told.append(note(CHECK, adopted_text(numbers), _ASKED))
        if numbers := replacements(session):
            told.append(note(CHECK, replaced_text(numbers), _ASKED_OF_KEYS))
        return told
