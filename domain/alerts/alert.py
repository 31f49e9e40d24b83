"""An alert: something that a person should look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class Rule(Enum):
    """What raises alerts. The words are stored and sent: only ever add to them."""

    READS = "reads"
    DENIALS = "denials"
    FIRST_READ = "first-read"
    UNUSUAL_HOUR = "unusual-hour"
    DECOY = "decoy"
    SECRET_EXPIRY = "secret-expiry"  # noqa: S105  the word for a rule
    SECRET_AGE = "secret-age"  # noqa: S105  the word for a rule
    KEY_AGE = "key-age"
    TOKEN_EXPIRY = "token-expiry"  # noqa: S105  the word for a rule
    TOKEN_UNUSED = "token-unused"  # noqa: S105  the word for a rule
    AUDIT_LOG = "audit-log"
    DISK = "disk"
    BACKUP = "backup"
    TEST = "test"


class Severity(Enum):
    """How soon somebody should look."""

    WARNING = "warning"
    CRITICAL = "critical"


BEHAVIOUR = frozenset({
    Rule.READS, Rule.DENIALS, Rule.FIRST_READ, Rule.UNUSUAL_HOUR, Rule.DECOY,
})  # fmt: skip
"""Rules over what somebody does. What else there is stays as it is for days, and is not counted."""

CRITICAL = frozenset({Rule.DECOY, Rule.AUDIT_LOG})

Details = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule has found.

    `key` says about whom or what, so that the same is not told again and again; `quiet` is for how
    long it is not. `about` is the secret that it is about, if there is one.
    """

    rule: Rule
    key: str
    at: datetime
    summary: str
    details: Details
    quiet: timedelta
    about: str | None = None

    @property
    def severity(self) -> Severity:
        """Return how soon somebody should look."""
        return Severity.CRITICAL if self.rule in CRITICAL else Severity.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A finding that was told of.

    `quiet_until` is when the same would be told of again; `repeats` counts how often it was found
    until then.
    """

    id: int
    rule: Rule
    severity: Severity
    key: str
    at: datetime
    raised_at: datetime
    summary: str
    details: Details
    quiet_until: datetime
    repeats: int = 0
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
