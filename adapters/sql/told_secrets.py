"""What receivers were last told of secrets, in SQL."""

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from adapters.sql.outbox_tables import told_secrets
from domain.ports.told_secrets import ToldSecret, ToldSecrets

_ONE = told_secrets.c.secret_uid == bindparam("uid")
_FIND = select(told_secrets).where(_ONE)
_KEEP = (
    update(told_secrets)
    .where(_ONE)
    .values(name=bindparam("to_name"), version=bindparam("to_version"))
)
_FORGET = delete(told_secrets).where(_ONE)


class SqlToldSecrets(ToldSecrets):
    """Keeps the table `told_secrets`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def find(self, uid: bytes) -> ToldSecret | None:
        """Return what was last told, or `None`."""
        row = self._connection.execute(_FIND, {"uid": uid}).one_or_none()
        return None if row is None else ToldSecret(uid=uid, name=row.name, version=row.version)

    def keep(self, told: ToldSecret) -> None:
        """Keep what was told."""
        given = {"uid": told.uid, "to_name": told.name, "to_version": told.version}
        if self._connection.execute(_KEEP, given).rowcount == 0:
            row = {"secret_uid": told.uid, "name": told.name, "version": told.version}
            self._connection.execute(insert(told_secrets), row)

    def forget(self, uid: bytes) -> None:
        """Forget a secret that is gone."""
        self._connection.execute(_FORGET, {"uid": uid})
