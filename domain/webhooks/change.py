"""What a change of a secret is called when receivers are told of it."""

from domain.access.action import Action
from domain.audit.event import AuditEvent
from domain.ports.told_secrets import ToldSecret

# The words are sent: only ever add to them.
KINDS = {
    Action.CREATE: "secret.created",
    Action.UPDATE: "secret.updated",
    Action.RESTORE_VERSION: "secret.rotated",
    Action.DELETE: "secret.deleted",
    Action.PURGE: "secret.purged",
    Action.RESTORE: "secret.restored",
    Action.DESTROY_VERSION: "secret.version_destroyed",
}
ROTATED = KINDS[Action.RESTORE_VERSION]

_VERBS = {
    "secret.created": "created",
    "secret.updated": "updated",
    "secret.rotated": "given a new value",
    "secret.deleted": "deleted",
    "secret.purged": "erased for good",
    "secret.restored": "restored",
    "secret.version_destroyed": "stripped of an earlier value",
}


def kind_of(event: AuditEvent, told: ToldSecret | None) -> str:
    """Return the type of the notice: an update that left a new value behind is a rotation.

    Where nothing was told before, the entry alone cannot say so, and it is an update.
    """
    kind = KINDS[event.action]
    version = event.subject.version
    if event.action is Action.UPDATE and told is not None and version is not None:
        return ROTATED if version > told.version else kind
    return kind


def summary_of(kind: str, event: AuditEvent) -> str:
    """Return the line for people."""
    return f"the secret {event.subject.name} was {_VERBS[kind]} by {event.principal}"
