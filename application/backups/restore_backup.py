"""Restoring a store from a backup."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from application.backups.authenticate_store import Authenticated, AuthenticateStore
from application.backups.filling import FillStore, Progress
from application.backups.reading import BackupReader
from domain.backups.encoding import BackupBroken
from domain.backups.manifest import Header, TableCount
from domain.backups.name import parse_name
from domain.ports.backup_place import BackupPlace
from domain.ports.backup_seal import BackupOpener
from domain.ports.storage import Storage
from domain.ports.store import Store

SLACK = timedelta(minutes=1)
"""How far a clock may have gone back between the naming of a backup and its first line."""

Authenticate = Callable[[Storage], AuthenticateStore]
"""Makes what authenticates a store, with the keys that it was filled under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of it. Without findings the backup is whole, and every value in it opens."""

    header: Header
    counts: Mapping[str, TableCount]
    values: int
    entries: int
    checkpoints: int
    findings: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which backup goes where, and whether what is there is put aside."""

    place: BackupPlace
    name: str
    opener: BackupOpener
    target: Store
    replace: bool = False


class RestoreBackup:
    """Tries the root key, fills the target whole or not at all, and looks at what came out."""

    def __init__(self, *, fill: FillStore, authenticate: Authenticate) -> None:
        """Take what fills, and what looks at the outcome."""
        self._fill = fill
        self._authenticate = authenticate

    def __call__(self, plan: Plan, progress: Progress) -> Proof:
        """Restore, and authenticate every value of the store that came out.

        Raises:
            NoSuchBackup, NotForUs, WrongRootKey, BackupBroken, StartRefused, Unavailable:
                it cannot be done; the target is as it was.
        """
        # Judged before anything is written: whoever can put a file there, and has seen the store,
        # could else fill the disk with what is known to be forged only at its signed end. What
        # lies there may be exchanged meanwhile, so what is written is judged once more, and held
        # to what was read at first.
        judged = self.look(plan, progress).counts
        with plan.place.open(plan.name) as source, plan.opener.opened(source) as pieces:
            reader = BackupReader(pieces, judged=judged)
            _require_named(plan.name, reader.header)
            audit = self._fill(reader, plan.target, replace=plan.replace, progress=progress)
        storage = plan.target.open()
        try:
            seen: Authenticated = self._authenticate(storage)(progress)
        finally:
            storage.close()
        other = [] if seen.audit == audit else ["the audit log is not the one that was signed"]
        return Proof(
            header=reader.header,
            counts=reader.counts,
            values=seen.values,
            entries=audit.size,
            checkpoints=seen.checkpoints,
            findings=[*seen.findings, *other],
        )

    def look(self, plan: Plan, progress: Progress) -> Proof:
        """Do everything but write: nothing is opened, and nothing is authenticated but the whole.

        Raises:
            NoSuchBackup, NotForUs, WrongRootKey, BackupBroken, Unavailable: it could not be done.
        """
        with plan.place.open(plan.name) as source, plan.opener.opened(source) as pieces:
            reader = BackupReader(pieces)
            _require_named(plan.name, reader.header)
            audit = self._fill.look(reader, progress)
        return Proof(
            header=reader.header,
            counts=reader.counts,
            values=0,
            entries=audit.size,
            checkpoints=0,
            findings=[],
        )


def _require_named(name: str, header: Header) -> None:
    """Refuse an older backup, or one of another store, under the name of a newer one.

    Whoever can write where backups lie could otherwise bring back tokens and roles of long ago: an
    old backup is signed as well as a new one. A name of another form promises nothing.

    Raises:
        BackupBroken: it is not the one that its name says.
    """
    named = parse_name(name)
    if named is None or (named.store == header.store and header.at >= named.at - SLACK):
        return
    raise BackupBroken(
        "the backup is not the one that its name says: it is older, or of another store"
    )
