"""Several secrets by one statement, as PostgreSQL finds them."""

from sqlalchemy import BigInteger, Connection, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.sql.foreseen_secrets import ForeseenSecrets
from adapters.sql.secret_rows import COLUMNS
from adapters.sql.statements import Statement
from adapters.sql.tables import secrets

_LIVING = select(*COLUMNS).where(secrets.c.deleted_at.is_(None))
_BY_IDS = Statement(
    _LIVING.where(secrets.c.id == any_(bindparam("asked", type_=ARRAY(BigInteger))))
)
_BY_NAMES = Statement(_LIVING.where(secrets.c.name == any_(bindparam("asked", type_=ARRAY(Text)))))


def postgresql_secrets(connection: Connection) -> ForeseenSecrets:
    """Return the secrets on a connection."""
    return ForeseenSecrets(
        connection, by_ids=_BY_IDS, by_names=_BY_NAMES, given=lambda asked: {"asked": asked}
    )
