"""Walking through every secret: does its value open, and would its name be taken today."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from application.health.open_value import OpenValue
from domain.health.finding import Finding, error
from domain.health.tally import Fault, Tally
from domain.ports.storage import Session, Storage
from domain.secrets import name
from domain.secrets.listing import Listing
from domain.secrets.secret import Secret
from domain.secrets.version import SecretVersion

SAMPLE = 1000
"""How many values are opened unless all of them are."""

BATCH = 100
"""Secrets that are in memory at a time."""

Progress = Callable[[int, int], None]
"""Is told how much has been looked at, and of how much."""


@dataclass(slots=True)
class Examined:
    """What the walk has seen so far."""

    tally: Tally = field(default_factory=Tally)
    unread: list[Finding] = field(default_factory=list)
    newest: datetime | None = None
    secrets: int = 0
    values: int = 0

    def note(self, *moments: datetime | None) -> None:
        """Keep the latest of some moments."""
        known = [moment for moment in (self.newest, *moments) if moment is not None]
        self.newest = max(known, default=None)


class ExamineSecrets:
    """Looks at all names, and opens every value or some that are spread evenly over the store.

    Plaintext is thrown away as soon as it is known to be one. Each batch is read on a snapshot of
    its own: one snapshot for hours would keep a busy store from tidying up behind itself.
    """

    def __init__(self, *, storage: Storage, open_value: OpenValue, progress: Progress) -> None:
        """Take where to look, what opens values, and whom to tell how far it is."""
        self._storage = storage
        self._open_value = open_value
        self._progress = progress

    def __call__(self, *, full: bool) -> Examined:
        """Walk through the store."""
        total = self._storage.read(_count).result()
        every = 1 if full else total // SAMPLE + 1
        seen = Examined()
        for deleted in (False, True):
            try:
                for batch in self._batches(deleted=deleted, every=every):
                    self._look_at(batch, seen)
                    self._progress(seen.values if full else seen.secrets, total)
            except Exception as cause:  # noqa: BLE001  whatever stands in a row, others follow
                seen.unread.append(_unread(cause, seen.secrets))
        return seen

    def _batches(self, *, deleted: bool, every: int) -> "Iterator[_Batch]":
        """Go through living or deleted secrets by id, taking the versions of some along."""
        listing = Listing(limit=BATCH, deleted=deleted)
        read = 0
        while batch := self._storage.read(partial(_page, listing, read, every)).result():
            yield batch
            read += len(batch)
            # An earlier backend may have given out ids that are not positive: no cursor has those.
            last = batch[-1].secret.id
            listing = (
                Listing(limit=BATCH, deleted=deleted, after=last)
                if last > 0
                else Listing(limit=BATCH, deleted=deleted, skip=read)
            )

    def _look_at(self, batch: "_Batch", seen: Examined) -> None:
        """Look at each secret of a batch."""
        for item in batch:
            secret = item.secret
            seen.secrets += 1
            seen.note(secret.created_at, secret.updated_at, secret.value_set_at)
            seen.note(secret.last_read_at, secret.deleted_at)
            if name.fault(secret.name) is not None:
                seen.tally.add(Fault.NAME_REFUSED, secret.id)
            if item.versions is not None:
                self._open(secret, item.versions, seen)

    def _open(self, secret: Secret, versions: Sequence[SecretVersion], seen: Examined) -> None:
        """Open the newest value of a secret and its earlier ones."""
        fault = self._open_value(secret.sealed, uid=secret.uid, version=secret.version)
        if fault is not None:
            seen.tally.add(fault, secret.id)
        seen.values += 1
        for earlier in versions:
            if earlier.sealed is None:
                continue
            fault = self._open_value(earlier.sealed, uid=secret.uid, version=earlier.version)
            if fault is not None:
                seen.tally.add(fault, secret.id, earlier.version)
            seen.values += 1


@dataclass(frozen=True, slots=True)
class _Item:
    """A secret, and its earlier versions if its values are to be opened."""

    secret: Secret
    versions: Sequence[SecretVersion] | None


_Batch = Sequence[_Item]


def _page(listing: Listing, read: int, every: int, session: Session) -> _Batch:
    """Read the next secrets."""
    return [
        _Item(secret, session.versions.history(secret.id) if (read + index) % every == 0 else None)
        for index, secret in enumerate(session.catalogue.page(listing))
    ]


def _count(session: Session) -> int:
    """Return how many values there are under the keys of the store."""
    return sum(session.sealed_values.count_under(key.id) for key in session.data_keys.all())


def _unread(cause: Exception, before: int) -> Finding:
    """Say that the walk ended early. The words of the cause may hold what stands in the row."""
    return error(
        "values",
        f"a row that cannot be read ({type(cause).__name__}); {before} secrets were looked at",
        "restore a backup, or look again when a server that changes the store has ended",
    )
