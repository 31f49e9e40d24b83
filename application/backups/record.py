"""Writing down what was done with backups and copies: it is slow, and is done before."""

from dataclasses import dataclass

from application.backups.finish_backup import BackupFailed
from application.use_case import Done
from domain.audit.event import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Say that something was done, or tried.

    `fault` is what was wrong, in words of ours; `None` when it was done.
    """

    reference: str
    fault: str | None = None


def recorded(command: Record) -> Done[None]:
    """Leave an entry and nothing else.

    Raises:
        BackupFailed: it failed, and the entry says so.
    """
    if command.fault is not None:
        raise BackupFailed(command.fault)
    return Done(result=None, subject=Subject(reference=command.reference))
