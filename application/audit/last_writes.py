"""What the log says that the store must hold."""

from dataclasses import dataclass, field

from application.audit.last_access_writes import LastAccessWrites
from domain.access.action import Action
from domain.audit.event import AuditEntry, Outcome

_WRITES = frozenset(
    {
        Action.CREATE,
        Action.UPDATE,
        Action.DELETE,
        Action.RESTORE,
        Action.RESTORE_VERSION,
        Action.PURGE,
    }
)


@dataclass(slots=True, kw_only=True)
class Expected:
    """What must hold of one secret: its last write, and the versions whose values were erased."""

    last: AuditEntry
    destroyed: dict[int, int] = field(default_factory=dict)
    """The numbers of the entries that say so, by version."""

    @property
    def is_purged(self) -> bool:
        """Tell whether nothing of the secret may be left."""
        return self.last.event.action is Action.PURGE

    @property
    def is_deleted(self) -> bool:
        """Tell whether the secret must lie in the recycle bin."""
        return self.last.event.action is Action.DELETE


@dataclass(slots=True)
class LastWrites:
    """Follows the log and keeps what it says last of every secret, by the permanent id."""

    secrets: dict[bytes, Expected] = field(default_factory=dict)
    last_rotation: int = 0
    """The number of the last entry after which values were sealed anew without entries."""
    access: LastAccessWrites = field(default_factory=LastAccessWrites)
    has_adopted: bool = False
    """Whether values of an earlier backend were taken over, which no entry names one by one."""

    def follow(self, entry: AuditEntry) -> None:
        """Take in the next entry."""
        event, uid = entry.event, entry.event.subject.uid
        if event.outcome is not Outcome.DONE:
            return
        self.access.follow(entry)
        if event.action is Action.START_ROTATION:
            self.last_rotation = entry.number
        elif event.action is Action.ADOPT:
            self.has_adopted = True
        elif uid is not None and event.action in _WRITES:
            self._written(uid, entry)
        elif uid is not None and event.action is Action.DESTROY_VERSION:
            self._destroyed(uid, entry)

    def _written(self, uid: bytes, entry: AuditEntry) -> None:
        """Note a write."""
        known = self.secrets.get(uid)
        if known is None:
            self.secrets[uid] = Expected(last=entry)
        else:
            known.last = entry

    def _destroyed(self, uid: bytes, entry: AuditEntry) -> None:
        """Note that a value was erased. The write before it may itself have been erased."""
        known, version = self.secrets.get(uid), entry.event.subject.version
        if known is not None and version is not None:
            known.destroyed[version] = entry.number
