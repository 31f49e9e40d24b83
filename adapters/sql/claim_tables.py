"""The table of bindings of claims. Migrations make it; a check compares the two."""

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text

from adapters.sql.tables import Id, metadata
from adapters.sql.types import UtcDateTime

claim_bindings = Table(
    "claim_bindings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("issuer", String(32), nullable=False),
    Column("claims", Text, nullable=False),
    Column("anchor", LargeBinary(32), nullable=False),
    Column("roles", Text, nullable=False),
    Column("description", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(255), nullable=False),
    Index("ix_claim_bindings_anchor", "anchor"),
    sqlite_autoincrement=True,
)
"""`claims` and `roles` are JSON. A built-in role has no row.

`anchor` is the hash of one of the conditions: whoever fits the binding fits that one, so bindings
are found by an index, however many there are.
"""
