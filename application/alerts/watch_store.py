"""Telling that the store cannot be written: then there is no outbox to tell it by."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from application.audit.check_tip import check_end
from application.turn import Stopping
from domain.alerts.alert import Rule, Severity
from domain.errors import Broken, Unavailable
from domain.ports.clock import Clock
from domain.ports.notifier import NotDelivered, Notifier
from domain.ports.randomness import Randomness
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac
from domain.webhooks.notice import Notice, make_notice

FAILURES = 2
"""Looks in a row that must fail: one that waits for another process's lock is nothing to tell."""

_SUMMARY = "the audit log cannot be written, nothing is answered"


class WatchStore:
    """Tries to write, and tells receivers of alerts itself when that fails, once in a while.

    No outbox holds the notice: a receiver that is away is not told later by this, and every
    process that serves tells for itself.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        macs: TipMac,
        clock: Clock,
        randomness: Randomness,
        notifiers: Mapping[str, Notifier],
        quiet: timedelta,
        told: Callable[[str, str], object],
    ) -> None:
        """Take the receivers of alerts; `told` is shown a detail and what came of telling."""
        self._storage = storage
        self._macs = macs
        self._clock = clock
        self._randomness = randomness
        self._notifiers = notifiers
        self._quiet = quiet
        self._told = told
        self._failures = 0
        self._quiet_until: datetime | None = None

    def __call__(self, stopping: Stopping) -> None:
        """Look once."""
        try:
            self._storage.write(self._try).result()
        except (Unavailable, Broken) as error:
            self._failures += 1
            if self._failures >= FAILURES and not stopping():
                self._tell(str(error))
        else:
            self._failures, self._quiet_until = 0, None

    def _try(self, session: Session) -> None:
        """Write something, and look whether there is a tree to add to, and it is ours."""
        session.probe.touch()
        check_end(session, self._macs)

    def _tell(self, detail: str) -> None:
        """Tell everybody, unless that was done lately."""
        now = self._clock.now()
        if self._quiet_until is not None and now < self._quiet_until:
            return
        self._quiet_until = now + self._quiet
        notice = self._notice(now, detail)
        failed = [name for name, one in self._notifiers.items() if not _sent(one, notice, now)]
        self._told(detail, ", ".join(failed))

    def _notice(self, now: datetime, detail: str) -> Notice:
        """Return the notice: that of an alert, but for its id, which the store would give."""
        data = {
            "id": None, "rule": Rule.AUDIT_LOG.value, "severity": Severity.CRITICAL.value,
            "detail": detail,
        }  # fmt: skip
        return make_notice(
            self._randomness, kind="alert.raised", at=now, summary=_SUMMARY, data=data
        )


def _sent(notifier: Notifier, notice: Notice, now: datetime) -> bool:
    """Send, and tell whether it was taken."""
    try:
        notifier.send(notice, now=now)
    except NotDelivered:
        return False
    return True
