"""The tables of bindings of claims. Migrations make them; a check compares the two."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from adapters.sql.tables import Id, metadata
from adapters.sql.types import UtcDateTime

claim_bindings = Table(
    "claim_bindings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("issuer", String(32), nullable=False),
    Column("claims", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("roles", Text, nullable=False),
    Column("description", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(255), nullable=False),
    sqlite_autoincrement=True,
)
"""`size` counts the conditions, `claims` and `roles` are JSON. A built-in role has no row."""

claim_conditions = Table(
    "claim_conditions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("binding", Id, ForeignKey("claim_bindings.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_claim_conditions_binding", "binding"),
)
"""One row for each condition: which bindings fit is found by an index, however many there are."""
