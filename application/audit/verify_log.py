"""Verifying everything: entries, tree, checkpoints, and the store that the log is about."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from application.audit.carry_access import carried
from application.audit.check_checkpoints import CheckCheckpoints
from application.audit.check_tip import findings_at_tip
from application.audit.check_tree import CheckTree
from application.audit.compare_access import CompareAccess
from application.audit.compare_store import CompareStore
from application.audit.last_access_writes import LastAccessWrites
from application.audit.last_writes import LastWrites
from application.audit.trusted_anew import adoptions, replacements
from domain.audit.encoding import entry_leaf
from domain.audit.finding import Finding, Verification
from domain.audit.merkle import TreeState
from domain.audit.query import MAX_LIMIT, AuditQuery
from domain.audit.record import AuditRecord
from domain.audit.retention import erased_by
from domain.keys.vouching import gone_text, lost
from domain.ports.signer import NoteReader, Signer
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac


class VerifyLog:
    """Recomputes the log from its entries, on one snapshot. It changes nothing, and is no entry.

    It is for whoever has the store itself, and believes no hash that is stored.
    """

    def __init__(
        self, *, storage: Storage, signer: Signer, notes: NoteReader, macs: TipMac
    ) -> None:
        """Take the store, what knows and checks the signing key, and what vouches for the tip."""
        self._storage = storage
        self._signer = signer
        self._notes = notes
        self._macs = macs

    def __call__(
        self,
        outside: Sequence[str] = (),
        *,
        compare: bool = True,
        progress: Callable[[], None] = lambda: None,
    ) -> Verification:
        """Verify, also against checkpoints that were kept elsewhere, each as a signed note.

        Args:
            outside: the signed notes.
            compare: look at the rows of secrets as well, which holds the last entry of each
                secret in memory.
            progress: is called now and then.
        """
        return self._storage.read(partial(self._verify, outside, compare, progress)).result()

    def _verify(
        self,
        outside: Sequence[str],
        compare: bool,
        progress: Callable[[], None],
        session: Session,
    ) -> Verification:
        """Look at everything once."""
        checkpoints = CheckCheckpoints(session=session, signer=self._signer, notes=self._notes)
        findings = [*_lost(session), *checkpoints.stored(), *checkpoints.outside(outside)]
        tree = CheckTree(session.audit_tree, checkpoints.claims)
        walk = _Walk(
            session,
            tree,
            writes=_begun(session) if compare else None,
            progress=progress,
        )
        findings += walk()
        if tree.is_that_of_the_state:
            findings += findings_at_tip(session, self._macs)
        secrets = 0
        if walk.writes is not None:
            complete = not walk.erased and not walk.damaged
            store = CompareStore(session=session, writes=walk.writes, complete=complete)
            findings += store()
            secrets = store.secrets
            findings += _access(walk, walk.writes.access, session)
        return Verification(
            size=walk.tree.size,
            root=walk.tree.root,
            erased=walk.erased,
            checkpoints=len(checkpoints.claims),
            secrets=secrets,
            adopted=adoptions(session),
            replaced=replacements(session),
            findings=findings,
        )


def _lost(session: Session) -> Iterator[Finding]:
    """Tell of keys that somebody took out of the store, as the start does."""
    for purpose in lost(session.data_keys.all()):
        yield Finding(text=gone_text(purpose))


def _access(walk: "_Walk", writes: LastAccessWrites, session: Session) -> Iterator[Finding]:
    """Compare the rows of access, with what erased entries have left where that is known."""
    _, fits = carried(session, walk.left)
    if not fits:
        yield Finding(text="what erased entries have left of access is not what they left")
    knows_all = not walk.damaged and fits and (walk.left is not None or not walk.erased)
    yield from CompareAccess(session=session, writes=writes, complete=knows_all)()


def _begun(session: Session) -> LastWrites:
    """Return the writes that are known before the first entry: what erased ones have left."""
    return LastWrites(access=LastAccessWrites.beginning(session.access_left.all()))


class _Walk:
    """Goes through the entries once."""

    def __init__(
        self,
        session: Session,
        check: CheckTree,
        *,
        writes: LastWrites | None,
        progress: Callable[[], None],
    ) -> None:
        self._session = session
        self._check = check
        self._progress = progress
        self._whole = True
        self._told_erased = 0
        self.left: str | None = None
        """The digest of what erased entries left of access, as the last erasure has it."""
        self._last = 0
        self.writes = writes
        self.erased = 0
        self.damaged = False

    @property
    def tree(self) -> TreeState:
        """Return the tree over what was seen."""
        return self._check.tree

    def __call__(self) -> Iterator[Finding]:
        """Return what is wrong with the entries and their tree."""
        while page := self._session.audit.page(AuditQuery(after=self._last, limit=MAX_LIMIT)):
            for record in page:
                yield from self._look(record)
            if self._whole:
                yield from self._check.follow([record.leaf for record in page])
            self._progress()
        # Without the leaves of what is missing there is no tree to compare.
        yield from self._check.end() if self._whole else ()
        if self.erased > self._told_erased:
            yield Finding(
                entry=self._told_erased + 1,
                text=f"{self.erased - self._told_erased} entries from here on are erased, but no"
                " entry says so",
            )

    def _look(self, record: AuditRecord) -> Iterator[Finding]:
        """Look at one place of the log."""
        if record.number != self._last + 1:
            self._whole, self.damaged = False, True
            missing = f"{self._last + 1} to {record.number - 1}"
            yield Finding(entry=self._last + 1, text=f"entries {missing} are missing")
        self._last = record.number
        if record.erased:
            self.erased += 1
        elif record.entry is None:
            self.damaged = True
            yield Finding(entry=record.number, text="the entry cannot be read: it was changed")
        else:
            if told := erased_by(record.entry.event):
                self._told_erased = max(self._told_erased, told)
                self.left = record.entry.event.subject.facts
            if self.writes is not None:
                self.writes.follow(record.entry)
            if entry_leaf(record.entry) != record.leaf:
                yield Finding(entry=record.number, text="the entry is not the one that was written")
