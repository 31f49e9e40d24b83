"""The tables. Migrations make them; a check compares the two."""

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
    literal_column,
    text,
)

import adapters.sql.postgresql_text  # noqa: F401  says what a text is there
from adapters.sql.types import UtcDateTime

Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite gives out ids only for a column declared exactly INTEGER."""

Number = BigInteger().with_variant(Integer, "sqlite")
"""Whoever asks for a version may name any number that an id can be."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

secrets = Table(
    "secrets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("description", Text),
    Column("encrypted_value", Text, nullable=False),
    Column("created_at", UtcDateTime, server_default=func.current_timestamp(), nullable=False),
    Column("updated_at", UtcDateTime, server_default=func.current_timestamp(), nullable=False),
    Column("uid", LargeBinary(16), nullable=False, unique=True),
    Column("tags", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("version", Number, nullable=False),
    Column("revision", Number, nullable=False),
    Column("value_set_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_read_at", UtcDateTime),
    Column("deleted_at", UtcDateTime),
    sqlite_autoincrement=True,
)

Index(
    "uq_secrets_living_name",
    secrets.c.name,
    unique=True,
    sqlite_where=secrets.c.deleted_at.is_(None),
    postgresql_where=secrets.c.deleted_at.is_(None),
)
Index(
    "ix_secrets_deleted_at",
    secrets.c.deleted_at,
    sqlite_where=secrets.c.deleted_at.is_not(None),
    postgresql_where=secrets.c.deleted_at.is_not(None),
)

Index(
    "ix_secrets_expires_at",
    secrets.c.expires_at,
    sqlite_where=secrets.c.expires_at.is_not(None),
    postgresql_where=secrets.c.expires_at.is_not(None),
)

secret_tags = Table(
    "secret_tags",
    metadata,
    Column("secret_id", Id, ForeignKey("secrets.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("value", String(256), nullable=False),
    Index("ix_secret_tags_key_value", "key", "value", "secret_id"),
)
"""An index into `secrets.tags`, which is what a reader sees."""

secret_versions = Table(
    "secret_versions",
    metadata,
    Column("secret_id", Id, ForeignKey("secrets.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Number, primary_key=True),
    Column("encrypted_value", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("destroyed_at", UtcDateTime),
)


def data_key_of(stored: ColumnElement[str]) -> ColumnElement[str]:
    """Return the id of the data key that a stored value names; every format has it there."""
    # Literal numbers, because an index is used only for exactly its own expression.
    return func.substr(stored, literal_column("5"), literal_column("16"))


Index("ix_secrets_data_key", data_key_of(secrets.c.encrypted_value), secrets.c.id)
Index(
    "ix_secret_versions_data_key",
    data_key_of(secret_versions.c.encrypted_value),
    secret_versions.c.secret_id,
    secret_versions.c.version,
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("wrapped", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("purpose", String(16), server_default="seal", nullable=False),
    Column("retired_at", UtcDateTime),
    Column("destroyed_at", UtcDateTime),
    Index(
        "uq_data_keys_active",
        "purpose",
        unique=True,
        sqlite_where=text("state = 'active'"),
        postgresql_where=text("state = 'active'"),
    ),
)

root_keys = Table(
    "root_keys",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("principal", String(255), nullable=False),
)
"""What is known of the root keys: never a key."""

rotations = Table(
    "rotations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("new_key", String(16), nullable=False),
    Column("old_keys", Text, nullable=False),
    Column("cipher", String(32), nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("resealed", BigInteger, nullable=False),
    Column("unreadable", BigInteger, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("started_by", String(255), nullable=False),
    Column("finished_at", UtcDateTime),
    Column("receipt", Text),
    sqlite_autoincrement=True,
)

Index(
    "uq_rotations_running",
    rotations.c.finished_at.is_(None),
    unique=True,
    sqlite_where=rotations.c.finished_at.is_(None),
    postgresql_where=rotations.c.finished_at.is_(None),
)

leases = Table(
    "leases",
    metadata,
    Column("task", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
