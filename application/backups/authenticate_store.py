"""Seeing that every value in a store opens, and that its audit log is what was signed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from application.audit.verify_log import VerifyLog
from application.health.open_value import OpenValue
from domain.backups.manifest import AuditState
from domain.health.tally import Fault, Tally
from domain.ports.sealed_values import StoredValue
from domain.ports.storage import Session, Storage

BATCH = 1000
"""Values that are in memory at a time."""

Progress = Callable[[], None]
"""Is called now and then, so that whoever waits knows that it goes on."""

TOLD = frozenset({Fault.BARE_TOKEN, Fault.EMPTY})
"""What was so before there were backups, and was said when the store was taken over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticated:
    """What was seen: values that opened, the audit log, and in words whatever was wrong."""

    values: int
    audit: AuditState
    checkpoints: int
    findings: Sequence[str]


class AuthenticateStore:
    """Opens every value, newest and earlier, with its record key; what was in it is forgotten."""

    def __init__(self, *, storage: Storage, open_value: OpenValue, verify_log: VerifyLog) -> None:
        """Take the store, what opens its values, and what verifies its log."""
        self._storage = storage
        self._open_value = open_value
        self._verify_log = verify_log

    def __call__(self, progress: Progress) -> Authenticated:
        """Look at everything, a little in memory at a time.

        Raises:
            StorageUnavailable: the store cannot be read now.
        """
        tally, values = Tally(), 0
        after: StoredValue | None = None
        while batch := self._storage.read(partial(_page, after)).result():
            for stored in batch:
                fault = self._open_value(stored.sealed, uid=stored.uid, version=stored.version)
                if fault is None:
                    values += 1
                elif fault not in TOLD:
                    version = None if stored.newest else stored.version
                    tally.add(fault, stored.secret_id, version)
            after = batch[-1]
            progress()
        log = self._verify_log(compare=False, progress=progress)
        return Authenticated(
            values=values,
            audit=AuditState(size=log.size, root=log.root.hex()),
            checkpoints=log.checkpoints,
            findings=[
                *(found.finding for found in tally.findings()),
                *(found.text for found in log.findings),
            ],
        )


def _page(after: StoredValue | None, session: Session) -> Sequence[StoredValue]:
    """Read the next values."""
    return session.sealed_values.page(after=after, limit=BATCH)
