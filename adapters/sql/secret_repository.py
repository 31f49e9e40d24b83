"""Secrets, one by one, in SQL."""

from dataclasses import replace

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.sql.secret_rows import CHANGEABLE, COLUMNS, to_row, to_secret
from adapters.sql.statements import Statement
from adapters.sql.tables import secret_tags, secrets
from domain.errors import LostRace, NameTaken
from domain.ports.secret_repository import NewSecret, SecretRepository
from domain.secrets.reference import Reference, SecretId
from domain.secrets.secret import Secret

_BY_ID = select(*COLUMNS).where(secrets.c.id == bindparam("number"))
_LIVING_BY_ID = Statement(_BY_ID.where(secrets.c.deleted_at.is_(None)))
_DELETED_BY_ID = _BY_ID.where(secrets.c.deleted_at.is_not(None))
_LIVING_BY_NAME = Statement(
    select(*COLUMNS).where(secrets.c.name == bindparam("text"), secrets.c.deleted_at.is_(None))
)
_AT_REVISION = (secrets.c.id == bindparam("at_id"), secrets.c.revision == bindparam("at_revision"))
_INSERT = Statement(
    insert(secrets).returning(secrets.c.id), columns=(*CHANGEABLE, "uid", "created_at", "revision")
)
_UPDATE = update(secrets).where(*_AT_REVISION)
_DELETE = delete(secrets).where(*_AT_REVISION)
_INSERT_TAGS = Statement(insert(secret_tags))
_DELETE_TAGS = delete(secret_tags).where(secret_tags.c.secret_id == bindparam("of_id"))


class SqlSecretRepository(SecretRepository):
    """Keeps secrets in the tables `secrets` and `secret_tags`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._living_by_id = _LIVING_BY_ID.on(connection)
        self._living_by_name = _LIVING_BY_NAME.on(connection)
        self._insert = _INSERT.on(connection)
        self._insert_tags = _INSERT_TAGS.on(connection)

    def find(self, reference: Reference) -> Secret | None:
        """Return the living secret, or `None`."""
        if isinstance(reference, SecretId):
            row = self._living_by_id.one({"number": reference.number})
        else:
            row = self._living_by_name.one({"text": reference.text})
        return None if row is None else to_secret(row)

    def find_deleted(self, reference: SecretId) -> Secret | None:
        """Return the secret from the recycle bin, or `None`."""
        row = self._connection.execute(_DELETED_BY_ID, {"number": reference.number}).one_or_none()
        return None if row is None else to_secret(row)

    def add(self, secret: NewSecret) -> Secret:
        """Keep a new secret and return it with its id.

        Raises:
            NameTaken: a living secret has the name.
        """
        draft = secret.with_id(0)
        row = to_row(draft) | {
            "uid": draft.uid, "created_at": draft.created_at, "revision": draft.revision,
        }  # fmt: skip
        try:
            (key,) = self._insert.one(row) or ()
        except IntegrityError as error:
            raise NameTaken from error
        created = replace(draft, id=key)
        self._write_tags(created)
        return created

    def replace(self, secret: Secret) -> Secret:
        """Write everything of the secret and return it with the next revision.

        Raises:
            LostRace: the row has another revision, or is gone.
            NameTaken: a living secret has the name.
        """
        changed = replace(secret, revision=secret.revision + 1)
        place = {"at_id": secret.id, "at_revision": secret.revision}
        try:
            result = self._connection.execute(
                _UPDATE, to_row(changed) | {"revision": changed.revision} | place
            )
        except IntegrityError as error:
            raise NameTaken from error
        if result.rowcount != 1:
            raise LostRace
        self._connection.execute(_DELETE_TAGS, {"of_id": secret.id})
        self._write_tags(changed)
        return changed

    def remove(self, secret: Secret) -> None:
        """Erase the secret and its versions for good.

        Raises:
            LostRace: the row has another revision, or is gone.
        """
        place = {"at_id": secret.id, "at_revision": secret.revision}
        if self._connection.execute(_DELETE, place).rowcount != 1:
            raise LostRace

    def _write_tags(self, secret: Secret) -> None:
        """Put the tags where a filter finds them."""
        if secret.tags:
            self._insert_tags.run_each(
                [
                    {"secret_id": secret.id, "key": key, "value": value}
                    for key, value in secret.tags.items()
                ]
            )
