"""The rules over the state of things: what is due, old, or nearly full."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.access.token import Token
from domain.alerts.alert import Finding, Rule
from domain.alerts.thresholds import Thresholds
from domain.audit.encoding import moment
from domain.backups.run import BackupState, RunOutcome
from domain.secrets.secret import Secret

DAY = timedelta(days=1)
ONCE = 36500 * DAY
"""What is told of once for a date that does not change."""


def secret_expires(secret: Secret, now: datetime) -> Finding:
    """Tell that a secret expires soon; once for each date."""
    until = secret.expires_at or now
    return Finding(
        rule=Rule.SECRET_EXPIRY,
        key=f"secret {secret.uid.hex()} {moment(until)}",
        at=now,
        summary=f"the secret {secret.name} expires at {moment(until)}",
        details={"name": secret.name, "id": secret.id, "expires_at": moment(until)},
        quiet=ONCE,
        about=secret.name,
    )


def secret_is_old(secret: Secret, now: datetime, limits: Thresholds) -> Finding:
    """Tell that a value is overdue for a change; again after as long as that age."""
    days = (now - secret.value_set_at).days
    return Finding(
        rule=Rule.SECRET_AGE,
        key=f"secret {secret.uid.hex()} {secret.version}",
        at=now,
        summary=f"the value of {secret.name} has not been changed for {days} days",
        details={"name": secret.name, "id": secret.id, "days": days},
        quiet=max(limits.secret_age, DAY),
        about=secret.name,
    )


def key_is_old(which: str, since: datetime, now: datetime, limits: Thresholds) -> Iterator[Finding]:
    """Judge the age of a key; weekly until it is rotated."""
    if not limits.key_age or now - since < limits.key_age:
        return
    days = (now - since).days
    yield Finding(
        rule=Rule.KEY_AGE,
        key=which,
        at=now,
        summary=f"the {which} is {days} days old, rotate it",
        details={"key": which, "days": days},
        quiet=7 * DAY,
    )


def token_expires(token: Token, now: datetime, limits: Thresholds) -> Iterator[Finding]:
    """Judge that a token expires soon; once."""
    until = token.expires_at
    if token.revoked_at is not None or until is None or not limits.token_expiry:
        return
    if not now < until <= now + limits.token_expiry:
        return
    yield Finding(
        rule=Rule.TOKEN_EXPIRY,
        key=f"token {token.id}",
        at=now,
        summary=f"the token {token.hint}… of {token.principal} expires at {moment(until)}",
        details={"token": token.id, "principal": token.principal, "expires_at": moment(until)},
        quiet=ONCE,
    )


def token_is_unused(token: Token, now: datetime, limits: Thresholds) -> Iterator[Finding]:
    """Judge that a token that counts has not been used for long; again after as long."""
    gone = token.revoked_at is not None or (token.expires_at or now + DAY) <= now
    since = token.last_used_at or token.created_at
    if gone or not limits.token_unused or now - since < limits.token_unused:
        return
    days = (now - since).days
    yield Finding(
        rule=Rule.TOKEN_UNUSED,
        key=f"token {token.id}",
        at=now,
        summary=f"the token {token.hint}… of {token.principal} was not used for {days} days",
        details={"token": token.id, "principal": token.principal, "days": days},
        quiet=limits.token_unused,
    )


def backup_failed(state: BackupState, now: datetime) -> Iterator[Finding]:
    """Judge whether the newest backup failed; once for each run."""
    run = state.newest
    if run is None or run.outcome is not RunOutcome.FAILED:
        return
    yield Finding(
        rule=Rule.BACKUP,
        key=f"backup {run.id}",
        at=now,
        summary=f"the backup {run.name} failed: {run.reason}",
        details={"run": run.id, "name": run.name, "reason": run.reason},
        quiet=ONCE,
    )


def backup_is_overdue(state: BackupState, now: datetime, limits: Thresholds) -> Iterator[Finding]:
    """Judge the age of the newest backup that succeeded, or of the first try; daily."""
    run = state.last_done or state.newest
    if not limits.backup_age or run is None or now - run.started_at < limits.backup_age:
        return
    hours = int((now - run.started_at).total_seconds()) // 3600
    done = "the newest backup is" if state.last_done else "no backup was made since the first try,"
    yield Finding(
        rule=Rule.BACKUP,
        key="backup overdue",
        at=now,
        summary=f"{done} {hours} hours old" if state.last_done else f"{done} {hours} hours ago",
        details={"hours": hours},
        quiet=DAY,
    )


def disk_is_full(used_percent: int, now: datetime, limits: Thresholds) -> Iterator[Finding]:
    """Judge how full the disk of the store is; daily."""
    if not 0 < limits.disk_percent <= used_percent:
        return
    yield Finding(
        rule=Rule.DISK,
        key="disk",
        at=now,
        summary=f"the disk of the store is {used_percent} % full",
        details={"used_percent": used_percent},
        quiet=DAY,
    )


def audit_log_is_wrong(what: str, more: int, now: datetime) -> Finding:
    """Tell that the audit log does not verify, and in how many more places; daily."""
    return Finding(
        rule=Rule.AUDIT_LOG,
        key="audit log",
        at=now,
        summary=f"the audit log does not verify: {what}",
        details={"detail": what, "more": more},
        quiet=DAY,
    )
