"""What is wrong inside a SQLite file: damage, parts that are missing, parts that are not ours."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from adapters.sql import looking
from adapters.sql.schema import HEAD
from adapters.sql.tables import metadata
from domain.health.finding import Finding, error, warning

CHECK = "schema"

MOST = 10
"""Faults that SQLite is asked for; one of them is enough to restore a backup."""

_BACKUP = "stop the server and restore a backup"


def examine(path: Path, *, full: bool) -> Sequence[Finding]:
    """Return what is wrong with the tables, which need not be ours or readable."""
    if not path.exists() or path.stat().st_size == 0:
        return []
    try:
        return looking.read(path, partial(_examine, path=path, full=full))
    except sqlite3.Error as cause:
        return [
            error(
                CHECK,
                f"the database {path} cannot be read ({cause})",
                "check the file, or restore a backup",
            )
        ]


def _examine(db: sqlite3.Connection, *, path: Path, full: bool) -> Sequence[Finding]:
    """Look over an open connection."""
    # A schema planted in the file must not run functions of ours.
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    findings = [*_of_damage(db, path, full=full), *_of_strangers(db)]
    if _revision(db) == HEAD:
        findings += [*_of_missing_tables(db), *_of_missing_indexes(db)]
    return findings


def _of_damage(db: sqlite3.Connection, path: Path, *, full: bool) -> Iterator[Finding]:
    """Have SQLite check the file: quickly, or indexes against tables as well."""
    statement = "integrity_check" if full else "quick_check"
    told = [str(row[0]) for row in db.execute(f"PRAGMA {statement}({MOST})")]
    if told != ["ok"]:
        yield error(CHECK, f"the database {path} is damaged: {_one_line(told)}", _BACKUP)
    orphans = db.execute("PRAGMA foreign_key_check").fetchmany(MOST)
    if orphans:
        tables = ", ".join(sorted({str(row[0]) for row in orphans}))
        yield error(CHECK, f"rows of {tables} belong to rows that are not there", _BACKUP)


def _of_strangers(db: sqlite3.Connection) -> Iterator[Finding]:
    """Tell of what no migration of ours makes, and what runs when a row is written or read."""
    rows = db.execute("SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')")
    for kind, name in rows.fetchall():
        quoted = '"' + str(name).replace('"', '""') + '"'
        yield warning(
            CHECK,
            f"the {kind} {quoted} is not ours; it may copy or change what is stored",
            f"find out who made it, stop the server, and run in the database:"
            f" DROP {kind.upper()} {quoted}",
        )


def _of_missing_tables(db: sqlite3.Connection) -> Iterator[Finding]:
    """Tell of tables and columns that are not there."""
    for table in metadata.tables.values():
        there = {
            row[0] for row in db.execute("SELECT name FROM pragma_table_info(?)", [table.name])
        }
        missing = [column.name for column in table.columns if column.name not in there]
        if not there:
            yield error(CHECK, f"the table '{table.name}' is missing", _BACKUP)
        elif missing:
            yield error(
                CHECK, f"the table '{table.name}' lacks: {', '.join(missing)}", _BACKUP
            )  # fmt: skip


def _of_missing_indexes(db: sqlite3.Connection) -> Iterator[Finding]:
    """Tell of indexes that are not there; a unique one keeps a rule, any other only saves time."""
    there = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    for table in (table for table in metadata.tables.values() if table.name in there):
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if index.name not in there:
                make = error if index.unique else warning
                statement = CreateIndex(index).compile(dialect=sqlite.dialect())
                yield make(
                    CHECK,
                    f"the index '{index.name}' is missing",
                    f"run in the database: {_one_line([str(statement)])}",
                )


def _revision(db: sqlite3.Connection) -> str | None:
    """Return the revision that the file says it has."""
    tables = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    row = tables and db.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if not row else str(row[0])


def _one_line(texts: Sequence[str]) -> str:
    """Write several lines as one."""
    return " ".join(" ".join(texts).split())
