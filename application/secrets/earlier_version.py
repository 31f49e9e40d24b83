"""Finding the value of an earlier version."""

from domain.errors import NotFound
from domain.ports.storage import Session
from domain.secrets.secret import Secret


def earlier_seal(secret: Secret, version: int, session: Session) -> str:
    """Return the stored form of an earlier version's value.

    Raises:
        NotFound: there is no such version, or its value was destroyed.
    """
    earlier = session.versions.find(secret.id, version)
    if earlier is None or earlier.sealed is None:
        raise NotFound("version")
    return earlier.sealed
