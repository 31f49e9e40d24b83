"""On SQLite, of the secrets that a reading will look for twenty are found by one statement."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sql.foreseen_secrets import TOGETHER
from adapters.sql.sqlite import SqliteStorage
from adapters.testing.examples import keep
from domain.ports.foreseen import Foreseen
from domain.ports.storage import Session
from domain.secrets.reference import ByName, Reference, SecretId
from tests.tables import with_tables


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return with_tables(tmp_path / "secrets.db")


@pytest.fixture
def storage(database: Path) -> Iterator[SqliteStorage]:
    storage = SqliteStorage(database)
    yield storage
    storage.close()


def looked(storage: SqliteStorage, references: list[Reference]) -> list[str]:
    """Return the statements that look for secrets."""
    statements: list[str] = []

    def look(session: Session) -> None:
        driver = session.secrets._connection.connection.dbapi_connection  # type: ignore[attr-defined]
        driver.set_trace_callback(statements.append)
        for one in references:
            session.secrets.find(one)
        driver.set_trace_callback(None)

    storage.read(Foreseen(look, references)).result()
    return [one for one in statements if "FROM secrets" in one]


def test_many_need_a_statement_for_twenty(storage: SqliteStorage) -> None:
    for number in range(3 * TOGETHER):
        keep(storage, f"n/{number}")
    by_id: list[Reference] = [SecretId(number) for number in range(1, 2 * TOGETHER + 2)]
    assert len(looked(storage, by_id)) == 3
    assert len(looked(storage, [ByName("n/1"), ByName("absent"), *by_id[:2]])) == 2
    assert len(looked(storage, by_id[:1])) == 1


@pytest.mark.parametrize("damage", ["created_at = 'never'", "tags = '['"])
def test_one_that_cannot_be_read_fails_only_whoever_asks_for_it(
    storage: SqliteStorage, database: Path, damage: str
) -> None:
    references: list[Reference] = [SecretId(keep(storage, name).id) for name in ("a", "b", "c")]
    with contextlib.closing(sqlite3.connect(database)) as other, other:
        other.execute(f"UPDATE secrets SET {damage} WHERE name = 'b'")  # noqa: S608  ours

    def look(session: Session) -> list[str]:
        found: list[str] = []
        for one in references:
            try:
                secret = session.secrets.find(one)
            except ValueError:
                found.append("unreadable")
            else:
                found.append(secret.name if secret else "absent")
        return found

    assert storage.read(Foreseen(look, references)).result() == ["a", "unreadable", "c"]


def test_nothing_that_was_found_outlives_the_reading(
    storage: SqliteStorage, database: Path
) -> None:
    references: list[Reference] = [SecretId(keep(storage, name).id) for name in ("a", "b")]

    def names(session: Session) -> list[str]:
        found = [session.secrets.find(one) for one in references]
        return [one.name for one in found if one is not None]

    def stops(session: Session) -> None:
        session.secrets.find(references[0])
        raise LookupError

    assert isinstance(storage.read(Foreseen(stops, references)).exception(), LookupError)
    with contextlib.closing(sqlite3.connect(database)) as other, other:
        other.execute("UPDATE secrets SET name = 'changed' WHERE name = 'b'")
    assert storage.read(Foreseen(names, references)).result() == ["a", "changed"]
    assert storage.read(names).result() == ["a", "changed"]
