"""What a backup says of itself: at its beginning, and signed at its end."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.backups.encoding import FORMAT, BackupBroken, moment_text, parse_moment
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.keys.root_key_record import RootKeyRecord

_TITLE = "strongroom backup"
_AUDIT = re.compile(r"^audit (?P<size>[0-9]{1,19}) (?P<root>[0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line: the form of the rows, and the keys, so that a root key can be tried on them.

    `store` is the id of the first signing key, which a store keeps for ever; `signing_key` is the
    one that the end is signed with. `root_key_text` is the root key itself, and almost always
    absent.
    """

    store: str
    signing_key: str
    revision: str
    at: datetime
    root_key: RootKeyRecord | None
    keys: tuple[DataKey, ...]
    root_key_text: str | None = field(default=None, repr=False)

    def data(self) -> dict[str, Any]:
        """Return what the line says."""
        record = self.root_key
        return {
            _TITLE: FORMAT,
            "store": self.store,
            "signing_key": self.signing_key,
            "revision": self.revision,
            "at": moment_text(self.at),
            "root_key": None if record is None else _record(record),
            "keys": [_key(key) for key in self.keys],
            **({} if self.root_key_text is None else {"root_key_text": self.root_key_text}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCount:
    """How many rows of a table there are, and the SHA-256 of their lines, in hexadecimal."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditState:
    """The size of the audit log, and the root over its entries in hexadecimal."""

    size: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the end of a backup says. `sha256` is that of all lines before it, in hexadecimal."""

    tables: Mapping[str, TableCount]
    sha256: str

    def text(self, header: Header, audit: AuditState) -> str:
        """Return the text that is signed as a note."""
        counted = "".join(
            f"{name} {count.rows} {count.sha256}\n" for name, count in self.tables.items()
        )
        return (
            f"strongroom-{header.signing_key}\n{_TITLE} {FORMAT}\n"
            f"time {moment_text(header.at)}\nrevision {header.revision}\n"
            f"audit {audit.size} {audit.root}\n{counted}sha256 {self.sha256}\n"
        )


def parse_audit(text: str) -> AuditState:
    """Read out of the text of an end what it says of the audit log.

    Raises:
        BackupBroken: it says nothing of it.
    """
    match = _AUDIT.search(text)
    if match is None:
        raise BackupBroken("the end of the backup is in no known form")
    return AuditState(size=int(match["size"]), root=match["root"])


def parse_header(data: Any) -> Header:
    """Read the first line.

    Raises:
        BackupBroken: it is none, or of a form that this version does not know.
    """
    form = data.get(_TITLE) if isinstance(data, dict) else None
    if not isinstance(form, int):
        raise BackupBroken("this is no backup of Strongroom")
    if form > FORMAT:
        raise BackupBroken("the backup is of a newer form; restore it with the newer version")
    try:
        record = data["root_key"]
        return Header(
            store=str(data["store"]),
            signing_key=str(data["signing_key"]),
            revision=str(data["revision"]),
            at=parse_moment(data["at"]),
            root_key=None if record is None else _parse_record(record),
            keys=tuple(_parse_key(key) for key in data["keys"]),
            root_key_text=data.get("root_key_text"),
        )
    except (KeyError, TypeError, ValueError):
        raise BackupBroken("the first line of the backup is in no known form") from None


def _key(key: DataKey) -> dict[str, Any]:
    """Write a data key, wrapped as it is."""
    return {
        "id": key.id, "purpose": key.purpose.value, "state": key.state.value,
        "created_at": moment_text(key.created_at), "wrapped": key.wrapped,
    }  # fmt: skip


def _parse_key(data: dict[str, Any]) -> DataKey:
    """Read a data key."""
    return DataKey(
        id=str(data["id"]),
        purpose=KeyPurpose(data["purpose"]),
        state=KeyState(data["state"]),
        created_at=parse_moment(data["created_at"]),
        wrapped=str(data["wrapped"]),
    )


def _record(record: RootKeyRecord) -> dict[str, Any]:
    """Write what is known of the root key."""
    return {
        "generation": record.generation, "source": record.source,
        "since": moment_text(record.since), "principal": record.principal,
    }  # fmt: skip


def _parse_record(data: dict[str, Any]) -> RootKeyRecord:
    """Read what is known of the root key."""
    return RootKeyRecord(
        generation=int(data["generation"]),
        source=str(data["source"]),
        since=parse_moment(data["since"]),
        principal=str(data["principal"]),
    )
