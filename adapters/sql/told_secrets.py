"""What receivers were last told of secrets, in SQL: a statement for all of a stretch."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, delete, select, text

from adapters.sql.outbox_tables import told_secrets
from adapters.sql.statements import Statement
from domain.ports.told_secrets import ToldSecret, ToldSecrets

_c = told_secrets.c
_THESE = _c.secret_uid.in_(bindparam("uids", expanding=True))
_OF = select(_c.secret_uid, _c.name, _c.version).where(_THESE)
_KEEP = Statement(
    text(
        "INSERT INTO told_secrets (secret_uid, name, version)"
        " VALUES (:secret_uid, :name, :version)"
        " ON CONFLICT (secret_uid) DO UPDATE SET"
        " name = excluded.name, version = excluded.version"
    ).bindparams(*(bindparam(column.name, type_=column.type) for column in _c))
)
_FORGET = delete(told_secrets).where(_THESE)


class SqlToldSecrets(ToldSecrets):
    """Keeps the table `told_secrets`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._keep = _KEEP.on(connection)

    def of(self, uids: Collection[bytes]) -> Mapping[bytes, ToldSecret]:
        """Return what was last told of these secrets, those of which anything was."""
        if not uids:
            return {}
        rows = self._connection.execute(_OF, {"uids": list(uids)})
        return {uid: ToldSecret(uid=uid, name=name, version=number) for uid, name, number in rows}

    def keep(self, told: Collection[ToldSecret]) -> None:
        """Keep what was told."""
        rows = [{"secret_uid": one.uid, "name": one.name, "version": one.version} for one in told]
        if rows:
            self._keep.run_each(rows)

    def forget(self, uids: Collection[bytes]) -> None:
        """Forget secrets that are gone."""
        if uids:
            self._connection.execute(_FORGET, {"uids": list(uids)})
