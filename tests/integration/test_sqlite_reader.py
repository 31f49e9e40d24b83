"""Readings of one tick share a snapshot that shows all that was answered before.

And of the secrets that a reading will look for, twenty are found by one statement.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.sql.foreseen_secrets import TOGETHER
from adapters.sql.sqlite import SqliteStorage
from adapters.testing.examples import add, keep, page
from application.access.revoke_token import RevokeToken
from application.access.who_am_i import WhoAmI
from application.futures import Kept
from domain.errors import StorageUnavailable, Unauthenticated
from domain.ports.foreseen import Foreseen
from domain.ports.storage import Session
from domain.secrets.reference import ByName, Reference, SecretId
from tests.fakes import CALLER
from tests.house import SOMEBODY, House
from tests.tables import with_tables


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return with_tables(tmp_path / "secrets.db")


@pytest.fixture
def storage(database: Path) -> Iterator[SqliteStorage]:
    storage = SqliteStorage(database)
    yield storage
    storage.close()


def found(storage: SqliteStorage) -> list[str]:
    return [secret.name for secret in page(storage)]


def test_readings_of_a_tick_see_one_moment_and_the_next_tick_another(
    storage: SqliteStorage, database: Path
) -> None:
    keep(storage, "before")

    async def story() -> list[list[str]]:
        seen = [found(storage)]
        with contextlib.closing(sqlite3.connect(database)) as other, other:
            other.execute("UPDATE secrets SET name = 'after'")
        seen.append(found(storage))
        await asyncio.sleep(0)
        return [*seen, found(storage)]

    assert asyncio.run(story()) == [["before"], ["before"], ["after"]]


def test_whoever_waited_for_a_change_sees_it(storage: SqliteStorage) -> None:
    async def story() -> list[str]:
        found(storage)  # opens the snapshot of this tick
        await asyncio.wrap_future(storage.write(partial(add, name="changed")))
        return found(storage)

    assert asyncio.run(story()) == ["changed"]


def test_a_loop_that_ended_within_a_tick_leaves_no_snapshot_behind(
    storage: SqliteStorage,
) -> None:
    async def story() -> list[str]:
        return found(storage)

    assert asyncio.run(story()) == []
    keep(storage, "between")
    assert found(storage) == ["between"]
    assert asyncio.run(story()) == ["between"]


def test_a_reading_that_fails_spoils_nothing_for_the_next(
    storage: SqliteStorage, database: Path
) -> None:
    keep(storage, "kept")

    def breaks(session: Session) -> None:
        connection: Any = session.secrets
        connection._connection.connection.dbapi_connection.execute("SELECT nothing")

    async def story() -> list[str]:
        assert isinstance(storage.read(breaks).exception(), StorageUnavailable)
        return found(storage)

    assert asyncio.run(story()) == ["kept"]


def test_a_token_that_was_revoked_is_refused_by_the_next_call(storage: SqliteStorage) -> None:
    house = House(storage, guarded=True).opened()
    caller = replace(SOMEBODY, credential=house.token("ci", "reader"))

    async def story() -> None:
        for _ in range(3):
            await asyncio.wrap_future(house.gate.submit(caller, WhoAmI()))
        await asyncio.wrap_future(house.own_gate.submit(CALLER, RevokeToken(number=1)))
        await asyncio.wrap_future(house.gate.submit(caller, WhoAmI()))

    with pytest.raises(Unauthenticated):
        asyncio.run(story())


def test_an_event_loop_can_wait_for_what_is_kept() -> None:
    async def wait() -> str:
        return await asyncio.wrap_future(Kept("value"))

    assert asyncio.run(wait()) == "value"


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
