"""What the audit log is told of a secret."""

import hashlib
from dataclasses import replace

from domain.audit.event import Subject
from domain.audit.facts import facts_of_secret
from domain.secrets.secret import Secret


def about(secret: Secret, *, version: int | None = None) -> Subject:
    """Describe a secret; `version` when the call was not about the newest."""
    return Subject(
        reference=f"id {secret.id}",
        uid=secret.uid,
        name=secret.name,
        version=secret.version if version is None else version,
    )


def written(secret: Secret) -> Subject:
    """Describe a secret that was changed: what is stored now, by SHA-256, and its revision."""
    digest = hashlib.sha256(secret.sealed.encode()).hexdigest()
    return replace(
        about(secret), digest=digest, revision=secret.revision, facts=facts_of_secret(secret)
    )
