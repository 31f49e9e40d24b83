"""Holding the rules against the state of things, now and then."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial

from application.alerts.raise_alert import RaiseAlert
from application.audit.verify_log import VerifyLog
from application.turn import Stopping, Turns
from domain.access.token import Token
from domain.alerts import conditions
from domain.alerts.alert import Alert, Finding
from domain.alerts.thresholds import Thresholds
from domain.ports.clock import Clock
from domain.ports.room import Room
from domain.ports.storage import Session, Storage

TASK = "alerts"
"""The name of the lease, and of the moment of the newest verification."""

LEASE = timedelta(minutes=10)
MOST = 100
"""Secrets of one kind, and findings of all kinds, in one look."""

_TOKENS = 500


class ExamineState:
    """Looks at dates, ages, the disk and the audit log. One process at a time looks."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        turns: Turns,
        room: Room,
        verify_log: VerifyLog,
        raise_alert: RaiseAlert,
        limits: Thresholds,
        told: Callable[[Sequence[Alert]], object],
    ) -> None:
        """Take what is looked at; `told` is shown the alerts once they are durable."""
        self._storage = storage
        self._clock = clock
        self._turns = turns
        self._room = room
        self._verify_log = verify_log
        self._raise_alert = raise_alert
        self._limits = limits
        self._told = told

    def __call__(self, stopping: Stopping) -> None:
        """Look once.

        Raises:
            StorageUnavailable: the store is not available.
        """
        with self._turns.taken(TASK, LEASE) as ours:
            if not ours:
                return
            findings = list(self._storage.read(self._look).result())
            findings += self._disk()
            if not stopping() and self._storage.read(self._is_to_verify).result():
                findings += self._audit_log()
            if findings:
                self._told(self._storage.write(partial(self._raise, findings)).result())

    def _raise(self, findings: Sequence[Finding], session: Session) -> Sequence[Alert]:
        """Make alerts of findings."""
        raised = (self._raise_alert(session, finding) for finding in findings)
        return [alert for alert in raised if alert is not None]

    def _look(self, session: Session) -> Sequence[Finding]:
        """Look at the store."""
        return [
            *self._secrets(session),
            *self._keys(session),
            *self._tokens(session),
            *self._backups(session),
        ]

    def _secrets(self, session: Session) -> Iterator[Finding]:
        """Look at the dates of secrets."""
        now, limits = self._clock.now(), self._limits
        if limits.expiry:
            until = now + limits.expiry
            for secret in session.deadlines.expiring(after=now, until=until, limit=MOST):
                yield conditions.secret_expires(secret, now)
        if limits.secret_age:
            since = now - limits.secret_age
            for secret in session.deadlines.unchanged(since=since, limit=MOST):
                yield conditions.secret_is_old(secret, now, limits)

    def _keys(self, session: Session) -> Iterator[Finding]:
        """Look at the ages of keys."""
        now = self._clock.now()
        active, root = session.data_keys.active(), session.root_keys.current()
        ages = [
            ("data key", None if active is None else active.created_at),
            ("root key", None if root is None else root.since),
        ]
        for which, since in ages:
            if since is not None:
                yield from conditions.key_is_old(which, since, now, self._limits)

    def _tokens(self, session: Session) -> Iterator[Finding]:
        """Look at the dates of tokens."""
        now = self._clock.now()
        for token in _all_tokens(session):
            yield from conditions.token_expires(token, now, self._limits)
            yield from conditions.token_is_unused(token, now, self._limits)

    def _backups(self, session: Session) -> Iterator[Finding]:
        """Look at the runs of backups."""
        now, state = self._clock.now(), session.backup_runs.state()
        yield from conditions.backup_failed(state, now)
        yield from conditions.backup_is_overdue(state, now, self._limits)

    def _disk(self) -> Sequence[Finding]:
        """Look at the disk."""
        used = self._room.used_percent()
        if used is None:
            return []
        return list(conditions.disk_is_full(used, self._clock.now(), self._limits))

    def _is_to_verify(self, session: Session) -> bool:
        """Tell whether the newest verification lies long enough back."""
        every = self._limits.verify_every.total_seconds()
        newest = session.feed_positions.of(TASK)
        return every > 0 and self._clock.now().timestamp() - newest >= every

    def _audit_log(self) -> Sequence[Finding]:
        """Verify the audit log, and remember when."""
        now = self._clock.now()
        verified = self._verify_log()
        self._storage.write(lambda s: s.feed_positions.move(TASK, int(now.timestamp()))).result()
        if not verified.findings:
            return []
        first, more = verified.findings[0].text, len(verified.findings) - 1
        return [conditions.audit_log_is_wrong(first, more, now)]


def _all_tokens(session: Session) -> Iterator[Token]:
    """Go through all tokens."""
    after = 0
    while page := session.tokens.page(after=after, limit=_TOKENS):
        yield from page
        after = page[-1].id
