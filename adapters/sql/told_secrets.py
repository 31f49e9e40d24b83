"""What receivers were last told of secrets, in SQL."""

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from adapters.sql.outbox_tables import told_secrets
from adapters.sql.statements import Statement
from domain.ports.told_secrets import ToldSecret, ToldSecrets

_ONE = told_secrets.c.secret_uid == bindparam("uid")
_FIND = Statement(select(told_secrets.c.name, told_secrets.c.version).where(_ONE))
_KEEP = Statement(
    update(told_secrets)
    .where(_ONE)
    .values(name=bindparam("to_name"), version=bindparam("to_version"))
)
_FIRST = Statement(insert(told_secrets))
_FORGET = delete(told_secrets).where(_ONE)


class SqlToldSecrets(ToldSecrets):
    """Keeps the table `told_secrets`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._find = _FIND.on(connection)
        self._keep = _KEEP.on(connection)
        self._first = _FIRST.on(connection)

    def find(self, uid: bytes) -> ToldSecret | None:
        """Return what was last told, or `None`."""
        row = self._find.one({"uid": uid})
        if row is None:
            return None
        name, version = row
        return ToldSecret(uid=uid, name=name, version=version)

    def keep(self, told: ToldSecret) -> None:
        """Keep what was told."""
        given = {"uid": told.uid, "to_name": told.name, "to_version": told.version}
        if self._keep.run(given) == 0:
            self._first.run({"secret_uid": told.uid, "name": told.name, "version": told.version})

    def forget(self, uid: bytes) -> None:
        """Forget a secret that is gone."""
        self._connection.execute(_FORGET, {"uid": uid})
