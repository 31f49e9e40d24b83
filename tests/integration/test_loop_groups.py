"""What an event loop asks for runs on it, shares commits, and never keeps it waiting."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from adapters.sql.sqlite import SqliteStorage, SqliteTransaction
from adapters.testing.examples import add, page
from domain.errors import NotFound, StorageUnavailable
from domain.ports.storage import Session
from domain.secrets.secret import Secret
from tests.tables import with_tables


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return with_tables(tmp_path / "secrets.db")


@pytest.fixture
def storage(database: Path) -> Iterator[SqliteStorage]:
    storage = SqliteStorage(database, busy_timeout=30)
    yield storage
    storage.close()


def names(storage: SqliteStorage) -> list[str]:
    return [secret.name for secret in page(storage, limit=1000)]


async def added(storage: SqliteStorage, name: str) -> Secret:
    return await asyncio.wrap_future(storage.write(partial(add, name=name)))


def test_works_of_one_tick_run_on_the_loop_and_share_a_commit(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[set[int]] = []
    committed = SqliteTransaction.commit

    def commit(self: SqliteTransaction) -> None:
        threads.append({threading.get_ident()})
        committed(self)

    monkeypatch.setattr(SqliteTransaction, "commit", commit)

    async def story() -> list[int]:
        def work(session: Session, number: int) -> int:
            add(session, f"{number:02}")
            return threading.get_ident()

        works = [partial(work, number=number) for number in range(20)]
        return await asyncio.gather(*(asyncio.wrap_future(storage.write(w)) for w in works))

    assert set(asyncio.run(story())) == {threading.get_ident()}
    assert len(threads) == 1, "one commit"
    assert threads[0] != {threading.get_ident()}, "on the writer's thread"
    assert names(storage) == [f"{number:02}" for number in range(20)]


def test_work_that_fails_on_the_loop_is_undone_alone(storage: SqliteStorage) -> None:
    def fails(session: Session) -> None:
        add(session, "undone")
        raise NotFound

    async def story() -> list[object]:
        works: list[Callable[[Session], object]] = [
            partial(add, name="first"), fails, partial(add, name="last"),
        ]  # fmt: skip
        futures = [asyncio.wrap_future(storage.write(work)) for work in works]
        return await asyncio.gather(*futures, return_exceptions=True)

    assert isinstance(asyncio.run(story())[1], NotFound)
    assert names(storage) == ["first", "last"]


def test_threads_and_a_loop_write_side_by_side(storage: SqliteStorage) -> None:
    wanted = sorted([f"loop-{n:03}" for n in range(200)] + [f"thread-{n:03}" for n in range(200)])

    def from_a_thread() -> None:
        for number in range(200):
            storage.write(partial(add, name=f"thread-{number:03}")).result()

    async def story() -> None:
        beside = asyncio.create_task(asyncio.to_thread(from_a_thread))
        for number in range(0, 200, 4):
            await asyncio.gather(
                *(added(storage, f"loop-{n:03}") for n in range(number, number + 4))
            )
        await beside

    asyncio.run(story())
    assert sorted(names(storage)) == wanted


def test_one_loop_after_another_writes(storage: SqliteStorage) -> None:
    for name in ("a", "b", "c"):
        asyncio.run(added(storage, name))
    assert names(storage) == ["a", "b", "c"]


def test_a_commit_that_takes_long_does_not_stop_the_loop(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = threading.Event()
    committed = SqliteTransaction.commit

    def slow(self: SqliteTransaction) -> None:
        disk.wait()
        committed(self)

    monkeypatch.setattr(SqliteTransaction, "commit", slow)

    async def story() -> int:
        writing = asyncio.create_task(added(storage, "slow"))
        ticks = 0
        while ticks < 100:  # health checks would be answered here
            await asyncio.sleep(0)
            ticks += 1
        assert not writing.done()
        disk.set()
        return (await writing).id

    assert asyncio.run(story()) == 1


def test_another_process_that_writes_keeps_the_thread_waiting_and_not_the_loop(
    storage: SqliteStorage, database: Path
) -> None:
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        async def story() -> Secret:
            writing = asyncio.create_task(added(storage, "waited"))
            for _ in range(100):
                await asyncio.sleep(0)
            assert not writing.done()
            other.execute("ROLLBACK")
            return await writing

        assert asyncio.run(story()).name == "waited"


def test_another_process_that_never_ends_is_waited_for_only_so_long(database: Path) -> None:
    storage = SqliteStorage(database, busy_timeout=0.05)
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="SQLITE_BUSY"):
            asyncio.run(added(storage, "refused"))
    assert asyncio.run(added(storage, "taken")).name == "taken"
    storage.close()


def test_a_commit_that_fails_fails_its_group_and_not_the_next(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: SqliteTransaction) -> None:
        raise StorageUnavailable("the disk is full")

    async def story() -> list[object]:
        with monkeypatch.context() as patched:
            patched.setattr(SqliteTransaction, "commit", full)
            failed = await asyncio.gather(
                *(added(storage, name) for name in ("a", "b")), return_exceptions=True
            )
        return [*failed, await added(storage, "c")]

    first, second, third = asyncio.run(story())
    assert isinstance(first, StorageUnavailable)
    assert isinstance(second, StorageUnavailable)
    assert isinstance(third, Secret)
    assert names(storage) == ["c"]


def test_what_a_loop_left_behind_is_done(storage: SqliteStorage, database: Path) -> None:
    async def story() -> None:
        storage.write(partial(add, name="left behind"))

    asyncio.run(story())
    storage.close()
    with contextlib.closing(sqlite3.connect(database)) as db:
        assert db.execute("SELECT name FROM secrets").fetchall() == [("left behind",)]


def test_what_was_accepted_on_a_loop_is_done_when_the_store_is_closed(
    storage: SqliteStorage,
) -> None:
    async def story() -> list[Secret]:
        writing = [asyncio.create_task(added(storage, f"{number}")) for number in range(5)]
        await asyncio.sleep(0)
        await asyncio.to_thread(storage.close)
        return await asyncio.gather(*writing)

    assert [secret.name for secret in asyncio.run(story())] == [f"{n}" for n in range(5)]
