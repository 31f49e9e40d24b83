"""The Merkle tree over the audit log, its checkpoints, and how far feeds have come.

The table of entries is built anew, because every entry gets the leaf hash that it must have, from
the first one on. Numbers follow each other without a gap.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import UtcDateTime
from domain.audit.merkle import Node, TreeState, leaf_hash

revision = "0004"
down_revision = "0003"

BATCH = 1000

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_CARRIED = (
    "at", "request_id", "principal", "address", "action", "outcome", "rule", "reason", "reference",
    "secret_uid", "secret_name", "version", "digest",
)  # fmt: skip


def upgrade() -> None:
    op.rename_table("audit_entries", "audit_entries_before")
    if op.get_bind().dialect.name == "postgresql":
        # There the name of a primary key is that of an index, which must be free.
        op.execute("ALTER INDEX pk_audit_entries RENAME TO pk_audit_entries_before")
    _create_entries()
    _create_tree()
    _create_checkpoints_and_positions()
    _carry_entries_over()
    op.drop_table("audit_entries_before")


def _create_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", _Id, autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
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
        sa.Column("revision", _Id),
        sa.Column("digest", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_table(
        "audit_erased",
        sa.Column("id", _Id, autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_erased"),
    )


def _create_tree() -> None:
    op.create_table(
        "audit_tree",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("peaks", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_tree"),
    )
    op.create_table(
        "audit_subtrees",
        sa.Column("height", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("position", _Id, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("height", "position", name="pk_audit_subtrees"),
    )


def _create_checkpoints_and_positions() -> None:
    op.create_table(
        "audit_checkpoints",
        sa.Column("size", _Id, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_audit_checkpoints"),
    )
    op.create_table(
        "feed_positions",
        sa.Column("feed", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("feed", name="pk_feed_positions"),
    )


def _carry_entries_over() -> None:
    tree = TreeState()
    names = ("id", "leaf", *_CARRIED)
    insert = sa.text(
        f"INSERT INTO audit_entries ({', '.join(names)}) VALUES (:{', :'.join(names)})"  # noqa: S608  the names stand above
    ).bindparams(sa.bindparam("at", type_=UtcDateTime))
    for batch in _batches():
        rows = [
            {**row, "id": number, "leaf": leaf_hash(_line(number, row))}
            for number, row in enumerate(batch, tree.size + 1)
        ]
        op.get_bind().execute(insert, rows)
        tree, nodes = tree.grown(row["leaf"] for row in rows)
        _keep_subtrees(nodes)
    op.get_bind().execute(
        sa.text("INSERT INTO audit_tree (id, size, peaks) VALUES (1, :size, :peaks)"),
        {"size": tree.size, "peaks": b"".join(tree.peaks)},
    )


def _batches() -> Iterator[Sequence[dict[str, Any]]]:
    select = sa.text(
        f"SELECT id AS before, {', '.join(_CARRIED)} FROM audit_entries_before"  # noqa: S608  the names stand above
        " WHERE id > :after ORDER BY id LIMIT :most"
    ).columns(at=UtcDateTime)
    after = 0
    while rows := op.get_bind().execute(select, {"after": after, "most": BATCH}).mappings().all():
        after = rows[-1]["before"]
        yield [{name: row[name] for name in _CARRIED} for row in rows]


def _line(number: int, row: dict[str, Any]) -> bytes:
    # As `entry_line` of the domain has it for entries without a revision, and always will.
    at = row["at"].replace(tzinfo=None).isoformat(timespec="microseconds")
    fields = {
        "tag": "sa1",
        "number": number,
        "at": f"{at}Z",
        **{name: row[name] for name in _CARRIED[1:9]},
        "uid": None if row["secret_uid"] is None else row["secret_uid"].hex(),
        "name": row["secret_name"],
        "version": row["version"],
        "revision": None,
        "digest": row["digest"],
    }
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _keep_subtrees(nodes: Sequence[Node]) -> None:
    insert = sa.text(
        "INSERT INTO audit_subtrees (height, position, hash) VALUES (:height, :position, :hash)"
    )
    for node in nodes:
        op.get_bind().execute(
            insert, {"height": node.height, "position": node.index, "hash": node.hash}
        )
