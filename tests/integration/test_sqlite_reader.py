"""Readings of one tick of an event loop share a snapshot, and see all that was answered before."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.sql.sqlite import SqliteStorage
from adapters.testing.examples import add, keep, page
from application.access.revoke_token import RevokeToken
from application.access.who_am_i import WhoAmI
from application.futures import Kept
from domain.errors import StorageUnavailable, Unauthenticated
from domain.ports.storage import Session
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
