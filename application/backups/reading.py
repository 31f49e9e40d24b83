"""Reading a backup once, from its first line to its last."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from application.backups.packing import unpacked
from domain.backups.encoding import BackupBroken, RowCodec, parse_line, parse_table
from domain.backups.manifest import (
    AuditState,
    Header,
    TableCount,
    Totals,
    parse_audit,
    parse_header,
)
from domain.backups.rows import Row, TableForm
from domain.ports.signer import NoteReader, Signer

_EXCHANGED = "the backup was exchanged while it was read"
_NONE = TableCount(rows=0, sha256=hashlib.sha256().hexdigest())


class BackupReader:
    """Takes a backup apart. Nothing of it is to be relied on before `finish` has returned."""

    def __init__(
        self, pieces: Iterable[bytes], *, judged: Mapping[str, TableCount] | None = None
    ) -> None:
        """Read the first line.

        Args:
            pieces: the packed stream.
            judged: what an earlier reading of the same backup has counted; anything else, and
                anything more, is refused where it stands.

        Raises:
            BackupBroken: it is not the beginning of a backup.
        """
        self._lines = unpacked(pieces)
        self._judged = judged
        self._all = hashlib.sha256()
        self._counts: dict[str, TableCount] = {}
        self._note: str | None = None
        self._next: Any = None
        self._advance()
        self.header: Header = parse_header(self._next)
        self._advance()

    @property
    def counts(self) -> dict[str, TableCount]:
        """Return how many rows of each table were read, and their hashes."""
        return dict(self._counts)

    def tables(self) -> Iterator[tuple[TableForm, Iterator[Row]]]:
        """Go through the tables; the rows of each must be taken before the next one.

        Raises:
            BackupBroken: the backup is damaged or cut off.
        """
        while not isinstance(self._next, dict) or "end" not in self._next:
            if not isinstance(self._next, dict) or "table" not in self._next:
                raise BackupBroken("a line of the backup is where none of its kind may be")
            table = parse_table(self._next)
            if table.name in self._counts:
                raise BackupBroken("a table stands in the backup twice")
            yield table, self._rows(table)
        self._note = str(self._next["end"])
        if next(self._lines, None) is not None:
            raise BackupBroken("something follows the end of the backup")

    def finish(self, *, notes: NoteReader, signer: Signer | None) -> AuditState:
        """See that what was read is what was signed, and return what that says of the audit log.

        Args:
            notes: what reads the signed end.
            signer: what knows the signing key; `None` where no root key is at hand, and then
                only damage is found, and nothing that was done on purpose.

        Raises:
            BackupBroken: it is not.
        """
        if self._note is None:
            raise BackupBroken("the backup was not read to its end")
        text = self._signed_text(self._note, notes, signer)
        audit = parse_audit(text)
        totals = Totals(tables=self._counts, sha256=self._all.hexdigest())
        if text != totals.text(self.header, audit):
            raise BackupBroken("the backup is damaged: it does not fit its signed end")
        return audit

    def _signed_text(self, note: str, notes: NoteReader, signer: Signer | None) -> str:
        """Return what was signed."""
        if signer is None:
            return note.rpartition("\n\n")[0] + "\n"
        return notes.read(note, verifier=signer.verifier(self.header.signing_key))

    def _rows(self, table: TableForm) -> Iterator[Row]:
        """Go through the rows of a table."""
        digest, count = hashlib.sha256(), 0
        parse = RowCodec(table.columns).parse
        judged = None if self._judged is None else self._judged.get(table.name, _NONE)
        self._advance(digest)
        while isinstance(self._next, list):
            if judged is not None and count >= judged.rows:
                raise BackupBroken(_EXCHANGED)
            yield parse(self._next)
            count += 1
            self._advance(digest)
        found = TableCount(rows=count, sha256=digest.hexdigest())
        if judged is not None and judged != found:
            raise BackupBroken(_EXCHANGED)
        self._counts[table.name] = found

    def _advance(self, digest: Any = None) -> None:
        """Take the next line in."""
        line = next(self._lines, None)
        if line is None:
            raise BackupBroken("the backup is cut off")
        self._next = parse_line(line)
        if isinstance(self._next, dict) and "end" in self._next:
            return
        self._all.update(line)
        if digest is not None and isinstance(self._next, list):
            digest.update(line)
