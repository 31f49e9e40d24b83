"""Several secrets by one statement, as SQLite finds them: it has no arrays."""

from itertools import zip_longest

from sqlalchemy import Connection, bindparam, select

from adapters.sql.foreseen_secrets import TOGETHER, ForeseenSecrets
from adapters.sql.secret_rows import COLUMNS
from adapters.sql.statements import Statement
from adapters.sql.tables import secrets

_ASKED = [f"asked_{number}" for number in range(TOGETHER)]
_LIVING = select(*COLUMNS).where(secrets.c.deleted_at.is_(None))
_BY_IDS = Statement(_LIVING.where(secrets.c.id.in_([bindparam(one) for one in _ASKED])))
_BY_NAMES = Statement(_LIVING.where(secrets.c.name.in_([bindparam(one) for one in _ASKED])))


def sqlite_secrets(connection: Connection) -> ForeseenSecrets:
    """Return the secrets on a connection."""
    return ForeseenSecrets(
        connection,
        by_ids=_BY_IDS,
        by_names=_BY_NAMES,
        # The first is asked for again in place of those that lack.
        given=lambda asked: dict(zip_longest(_ASKED, asked, fillvalue=asked[0])),
    )
