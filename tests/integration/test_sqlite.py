"""What SQLite does when it cannot: told as such within the work, and no neighbour suffers."""

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sql.sqlite import SqliteStorage
from adapters.sql.sqlite_store import SqliteStore
from application.secrets.delete_secret import DeleteSecret
from application.secrets.read_secret import ReadSecret
from domain.errors import StorageUnavailable
from domain.ports.storage import Session
from domain.secrets.reference import SecretId
from domain.secrets.version import SecretVersion
from tests.fakes import START
from tests.house import House
from tests.tables import with_tables


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return with_tables(tmp_path / "secrets.db")


@pytest.fixture
def house(database: Path) -> Iterator[House]:
    house = House(SqliteStorage(database)).opened()
    yield house
    house.storage.close()


@pytest.mark.parametrize(
    "command", [ReadSecret(reference=SecretId(1)), DeleteSecret(reference=SecretId(1))]
)
def test_a_table_that_is_gone_is_unavailable_and_no_internal_error(
    house: House, database: Path, command: object
) -> None:
    house.create()
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute("ALTER TABLE secrets RENAME TO elsewhere")
    with pytest.raises(StorageUnavailable, match="SQLITE_ERROR"):
        house.run(command)


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path / "nowhere" / "secrets.db")
    for future in (storage.read(lambda _: None), storage.write(lambda _: None)):
        assert isinstance(future.exception(), StorageUnavailable)
    storage.close()


def test_a_row_that_is_there_already_fails_its_own_work_only(house: House) -> None:
    secret = house.create()
    version = SecretVersion(
        secret_id=secret.id, version=1, created_at=START, destroyed_at=None, sealed="s"
    )

    def twice(session: Session) -> None:
        session.versions.add(version)
        session.versions.add(version)

    def change(session: Session) -> None:
        session.secrets.replace(replace(secret, description="changed"))

    futures = [house.storage.write(work) for work in (twice, change, twice)]
    assert [future.exception() is None for future in futures] == [False, True, False]
    assert house.run(ReadSecret(reference=SecretId(secret.id))).description == "changed"


def test_a_look_at_an_open_store_takes_no_lock_from_it(house: House, database: Path) -> None:
    house.create("before")
    store = SqliteStore(database)
    store.inspect()
    for check in store.checks().values():
        check()
    # Another process comes and goes. Were it alone, it would take the log away as it leaves.
    passing = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT 1 FROM secrets')"
    subprocess.run([sys.executable, "-c", passing, str(database)], check=True)
    house.create("after")
    with contextlib.closing(sqlite3.connect(database)) as db:
        assert db.execute("SELECT count(*) FROM secrets").fetchone() == (2,)


def test_values_of_ids_that_are_not_positive_are_rotated_too(house: House, database: Path) -> None:
    for name in ("zero", "below", "above"):
        house.create(name)
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE secrets SET id = 2 * (id - 2)")
    rotation = house.rotated()
    assert (rotation.total, rotation.resealed, rotation.unreadable) == (3, 3, 0)
