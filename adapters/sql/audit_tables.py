"""The tables of the audit log."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text

from adapters.sql.tables import Id, Number, metadata
from adapters.sql.types import UtcDateTime

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("principal", String(255), nullable=False),
    Column("address", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("rule", String(255), nullable=False),
    Column("reason", Text),
    Column("reference", String(300), nullable=False),
    Column("secret_uid", LargeBinary(16)),
    Column("secret_name", String(255)),
    Column("version", Number),
    Column("revision", Number),
    Column("digest", String(64)),
    Column("facts", String(64)),
)
"""Entries by number, which counts from 1 without a gap, each with its leaf hash."""

audit_erased = Table(
    "audit_erased",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary(32), nullable=False),
)
"""What is left of entries that were erased."""

audit_tree = Table(
    "audit_tree",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("key_id", String(16)),
    Column("mac", LargeBinary(32)),
)
"""One row, with the id 1: the size, the hashes of the peaks one after another, and what vouches
for both: a MAC, and the data key that its key is derived from."""

audit_subtrees = Table(
    "audit_subtrees",
    metadata,
    Column("height", Integer, primary_key=True, autoincrement=False),
    Column("position", Id, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
)
"""Complete subtrees of 2^8, 2^16, … leaves: one row for 256 entries, and one more for 65,536."""

audit_left = Table(
    "audit_left",
    metadata,
    Column("thing", String(300), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("facts", String(64)),
    Column("holder", String(255)),
)
"""What erased entries have left of roles, principals, tokens and bindings."""

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("size", Id, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("note", Text, nullable=False),
)

feed_positions = Table(
    "feed_positions",
    metadata,
    Column("feed", String(64), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
