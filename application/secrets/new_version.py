"""Giving a secret a new value while keeping the one before."""

from dataclasses import replace
from datetime import datetime

from application.keys.sealer import Sealer
from domain.ports.storage import Session
from domain.secrets.secret import Secret
from domain.secrets.value import SecretValue
from domain.secrets.version import SecretVersion


def supersede(
    secret: Secret, value: SecretValue, *, now: datetime, sealer: Sealer, session: Session
) -> Secret:
    """Move the newest value into the history and return the secret with the next one.

    The secret that comes back still has to be written.
    """
    session.versions.add(SecretVersion.newest_of(secret))
    version = secret.version + 1
    sealed = sealer.seal(value, uid=secret.uid, version=version, session=session)
    return replace(secret, version=version, sealed=sealed, value_set_at=now)
