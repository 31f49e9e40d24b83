"""What the audit log is told of a secret."""

import hashlib

from domain.audit.event import Subject
from domain.secrets.secret import Secret


def read_of(secret: Secret, *, version: int | None = None) -> Subject:
    """Describe a secret that was looked at; `version` when it was not the newest."""
    return Subject(
        reference=f"id {secret.id}",
        uid=secret.uid,
        name=secret.name,
        version=secret.version if version is None else version,
    )


def written(secret: Secret) -> Subject:
    """Describe a secret that was changed, with the SHA-256 of what is stored now."""
    return Subject(
        reference=f"id {secret.id}",
        uid=secret.uid,
        name=secret.name,
        version=secret.version,
        digest=hashlib.sha256(secret.sealed.encode()).hexdigest(),
    )
