"""Bound seals, versions, tags, the recycle bin, data keys and the audit log.

The table of secrets is built anew and the rows are carried over, because on SQLite neither the
unique name nor the reuse of ids can be changed in place.
"""

import os
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import UtcDateTime

revision = "0002"
down_revision = "0001"

BATCH = 1000

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.rename_table("secrets", "secrets_before")
    if op.get_bind().dialect.name == "postgresql":
        # There these names are those of an index and a sequence, which must be free.
        op.execute("ALTER INDEX pk_secrets RENAME TO pk_secrets_before")
        op.execute("ALTER SEQUENCE secrets_id_seq RENAME TO secrets_before_id_seq")
    _create_secrets()
    _carry_rows_over()
    op.drop_table("secrets_before")
    _create_secret_indexes()
    _create_secret_tags()
    _create_secret_versions()
    _create_data_keys()
    _create_audit_entries()


def _create_secrets() -> None:
    now = sa.func.current_timestamp()
    op.create_table(
        "secrets",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("encrypted_value", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, server_default=now, nullable=False),
        sa.Column("updated_at", UtcDateTime, server_default=now, nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("version", _Id, nullable=False),
        sa.Column("revision", _Id, nullable=False),
        sa.Column("value_set_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("last_read_at", UtcDateTime),
        sa.Column("deleted_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_secrets"),
        sa.UniqueConstraint("uid", name="uq_secrets_uid"),
        sqlite_autoincrement=True,
    )


def _carry_rows_over() -> None:
    insert = sa.text(
        "INSERT INTO secrets (id, name, description, encrypted_value, created_at, updated_at, uid,"
        " tags, search_text, version, revision, value_set_at) VALUES (:id, :name, :description,"
        " :encrypted_value, COALESCE(:created_at, CURRENT_TIMESTAMP),"
        " COALESCE(:updated_at, :created_at, CURRENT_TIMESTAMP), :uid, '{}', :search_text, 1, 1,"
        " COALESCE(:updated_at, :created_at, CURRENT_TIMESTAMP))"
    )
    for batch in _batches():
        op.get_bind().execute(insert, [_carried(row) for row in batch])


def _batches() -> Iterator[list[dict[str, object]]]:
    select = sa.text(
        "SELECT id, name, description, encrypted_value, created_at, updated_at"
        " FROM secrets_before WHERE id > :after ORDER BY id LIMIT :most"
    )
    after = -(2**63)
    while rows := op.get_bind().execute(select, {"after": after, "most": BATCH}).mappings().all():
        yield [dict(row) for row in rows]
        after = rows[-1]["id"]


def _carried(row: dict[str, object]) -> dict[str, object]:
    # As `search_text` of the domain had it when this migration was written.
    text = f"{row['name']}\x1f{row['description'] or ''}".casefold()
    token = row["encrypted_value"]
    if isinstance(token, bytes):
        # A backend that bound the bytes of a token as they came has a BLOB in the TEXT column.
        token = token.decode("ascii", "backslashreplace")
    return row | {"uid": os.urandom(16), "search_text": text, "encrypted_value": token}


def _create_secret_indexes() -> None:
    op.create_index(
        "uq_secrets_living_name",
        "secrets",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_secrets_deleted_at",
        "secrets",
        ["deleted_at"],
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )


def _create_secret_tags() -> None:
    op.create_table(
        "secret_tags",
        sa.Column("secret_id", _Id, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.String(256), nullable=False),
        sa.PrimaryKeyConstraint("secret_id", "key", name="pk_secret_tags"),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["secrets.id"], name="fk_secret_tags_secret_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_secret_tags_key_value", "secret_tags", ["key", "value", "secret_id"])


def _create_secret_versions() -> None:
    op.create_table(
        "secret_versions",
        sa.Column("secret_id", _Id, nullable=False),
        sa.Column("version", _Id, nullable=False),
        sa.Column("encrypted_value", sa.Text),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("destroyed_at", UtcDateTime),
        sa.PrimaryKeyConstraint("secret_id", "version", name="pk_secret_versions"),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["secrets.id"], name="fk_secret_versions_secret_id", ondelete="CASCADE"
        ),
    )


def _create_data_keys() -> None:
    op.create_table(
        "data_keys",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("wrapped", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_keys"),
    )
    op.create_index(
        "uq_data_keys_active",
        "data_keys",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )


def _create_audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("principal", sa.String(255), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(255), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("reference", sa.String(300), nullable=False),
        sa.Column("secret_uid", sa.LargeBinary(16)),
        sa.Column("secret_name", sa.String(255)),
        sa.Column("version", _Id),
        sa.Column("digest", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        sqlite_autoincrement=True,
    )
