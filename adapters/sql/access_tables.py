"""The tables of principals, tokens and roles. Migrations make them; a check compares the two."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
)

from adapters.sql.tables import Id, metadata
from adapters.sql.types import UtcDateTime

principals = Table(
    "principals",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "principal", String(128), ForeignKey("principals.name", ondelete="CASCADE"), nullable=False
    ),
    Column("description", Text),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("hint", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(255), nullable=False),
    Column("expires_at", UtcDateTime),
    Column("networks", Text, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Index("ix_tokens_principal", "principal"),
    sqlite_autoincrement=True,
)

roles = Table(
    "roles",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("description", Text),
    Column("grants", Text, nullable=False),
)

bindings = Table(
    "bindings",
    metadata,
    Column(
        "principal",
        String(128),
        ForeignKey("principals.name", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("role", String(64), primary_key=True),
    Index("ix_bindings_role", "role", "principal"),
)
"""A role that is built in has no row in `roles`, so this does not refer to it."""
