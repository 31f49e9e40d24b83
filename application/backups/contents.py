"""The lines of a backup, made from a snapshot."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime

from domain.backups.encoding import RowCodec, line_of, table_line
from domain.backups.manifest import AuditState, Header, TableCount, Totals
from domain.backups.rows import TableForm
from domain.errors import Broken
from domain.keys.data_key import KeyPurpose
from domain.ports.storage import Session
from domain.ports.store_rows import StoreRows

Sign = Callable[[str, str], str]
"""Signs a text with the key of an id, and returns the note."""


def header_of(rows: StoreRows, at: datetime, *, root_key_text: str | None = None) -> Header:
    """Return the first line of the backup of a snapshot.

    Raises:
        Broken: the store has no signing key.
    """
    keys = tuple(rows.session.data_keys.all())
    signing = rows.session.data_keys.active(KeyPurpose.SIGN)
    if signing is None:
        raise Broken("the store has no signing key")
    return Header(
        store=store_id(rows.session),
        signing_key=signing.id,
        revision=rows.revision,
        at=at,
        root_key=rows.session.root_keys.current(),
        keys=keys,
        root_key_text=root_key_text,
    )


def store_id(session: Session) -> str:
    """Return what tells a store from others, for as long as it lives, and in its backups.

    Raises:
        Broken: the store has no signing key.
    """
    for key in session.data_keys.all():
        if key.purpose is KeyPurpose.SIGN:
            return key.id
    raise Broken("the store has no signing key")


class Contents:
    """Goes through a snapshot once and gives the lines. Afterwards the totals are known."""

    def __init__(self, rows: StoreRows, header: Header, sign: Sign) -> None:
        """Take the snapshot, the first line, and what signs the last one."""
        self._rows = rows
        self._header = header
        self._sign = sign
        self._all = hashlib.sha256()
        self._counts: dict[str, TableCount] = {}
        tree = rows.session.audit_tree.state()
        self.audit = AuditState(size=tree.size, root=tree.root.hex())

    @property
    def totals(self) -> Totals:
        """Return what was counted so far."""
        return Totals(tables=dict(self._counts), sha256=self._all.hexdigest())

    def __iter__(self) -> Iterator[bytes]:
        """Return the lines."""
        yield self._counted(line_of(self._header.data()))
        for table in self._rows.tables():
            yield self._counted(table_line(table))
            yield from self._table(table)
        text = self.totals.text(self._header, self.audit)
        yield line_of({"end": self._sign(text, self._header.signing_key)})

    def _table(self, table: TableForm) -> Iterator[bytes]:
        """Return the rows of a table."""
        digest, count = hashlib.sha256(), 0
        write = RowCodec(table.columns).line
        for row in self._rows.rows(table):
            line = write(row)
            digest.update(line)
            self._all.update(line)
            count += 1
            yield line
        self._counts[table.name] = TableCount(rows=count, sha256=digest.hexdigest())

    def _counted(self, line: bytes) -> bytes:
        """Have a line in the hash over everything."""
        self._all.update(line)
        return line
