"""What readings foresee to look for is found together on PostgreSQL, and never before its time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg
import pytest

from adapters.sql import foreseen_secrets, tables
from adapters.sql.foreseen_secrets import ForeseenSecrets, Key
from adapters.sql.postgresql_store import PostgresqlStore
from adapters.sql.postgresql_wire import Wire
from adapters.testing.examples import keep, page
from domain.errors import StorageUnavailable
from domain.ports.foreseen import Foreseen
from domain.ports.storage import Session, Storage
from domain.ports.store import StoreOptions
from domain.secrets.reference import ByName, Reference, SecretId
from domain.secrets.secret import Secret
from tests.postgresql import Server

OPTIONS = StoreOptions(pool_size=1, busy_timeout=30)
WAIT = 60.0
"""A bound that only a defect reaches, in seconds."""


@pytest.fixture
def storage(database: str) -> Iterator[Storage]:
    opened = PostgresqlStore.at(database, OPTIONS).open()
    yield opened
    opened.close()


Find = Callable[[Session], Secret | None]


def find(reference: Reference) -> Foreseen[Secret | None]:
    return Foreseen(lambda session: session.secrets.find(reference), (reference,))


def together(storage: Storage, works: list[Find]) -> list[Future[Secret | None]]:
    """Have works wait for one snapshot."""
    held, go_on = threading.Event(), threading.Event()

    def hold(_: Session) -> None:
        held.set()
        assert go_on.wait(WAIT)

    storage.read(hold)
    assert held.wait(WAIT)
    found = [storage.read(work) for work in works]
    go_on.set()
    return found


@pytest.mark.parametrize("prepares", [True, False])
def test_what_readings_foresee_is_found_by_one_statement(
    database: str, monkeypatch: pytest.MonkeyPatch, prepares: bool
) -> None:
    sent: list[int] = []
    send = Wire.together

    def counted(wire: Wire, runs: Any) -> Any:
        sent.append(len(runs))
        return send(wire, runs)

    def alone(_wire: Wire, statement: Any, _values: Any) -> Any:
        raise AssertionError(statement.text)

    with closing(PostgresqlStore.at(database, replace(OPTIONS, prepares=prepares)).open()) as it:
        kept = [keep(it, f"number {number}") for number in range(9)]
        assert it.read(find(SecretId(kept[0].id))).result(WAIT) == kept[0]  # it is prepared then
        monkeypatch.setattr(Wire, "together", counted)
        monkeypatch.setattr(Wire, "_run_alone", alone)
        found = together(it, [find(SecretId(one.id)) for one in kept])
        assert [one.result(WAIT) for one in found] == kept
    assert sent == [3]


def test_no_more_is_in_memory_than_the_next_few(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreseen_secrets, "TOGETHER", 2)
    most: list[int] = []
    look = ForeseenSecrets._look

    def counted(secrets: ForeseenSecrets, first: Key) -> None:
        look(secrets, first)
        most.append(len(secrets._found))

    monkeypatch.setattr(ForeseenSecrets, "_look", counted)
    with closing(PostgresqlStore.at(database, OPTIONS).open()) as it:
        kept = [keep(it, f"number {number}") for number in range(7)]
        sought = [SecretId(one.id) for one in kept]
        # One that is passed over, and one that comes again when it is out of memory.
        order = [0, 1, 2, 4, 5, 6, 0]

        def read(session: Session) -> list[Secret | None]:
            return [session.secrets.find(sought[place]) for place in order]

        assert it.read(Foreseen(read, sought)).result(WAIT) == [kept[place] for place in order]
    assert most == [2, 2, 2, 1]


def test_a_row_that_cannot_be_read_stops_nobody_behind_the_next_few(
    database: str, monkeypatch: pytest.MonkeyPatch, postgresql: Server, upgraded: str
) -> None:
    monkeypatch.setattr(foreseen_secrets, "TOGETHER", 1)
    with closing(PostgresqlStore.at(database, OPTIONS).open()) as it:
        kept = [keep(it, name) for name in ("one", "ill", "three")]
        postgresql.execute(
            "UPDATE secrets SET updated_at = 'infinity' WHERE name = 'ill'", database=upgraded
        )
        found = together(it, [find(SecretId(one.id)) for one in kept])
        assert found[0].result(WAIT) == kept[0]
        assert isinstance(found[1].exception(WAIT), StorageUnavailable)
        assert found[2].result(WAIT) == kept[2]


def test_names_and_numbers_are_foreseen_beside_each_other(storage: Storage) -> None:
    plain, nul = keep(storage, "plain"), keep(storage, "n\x00l")
    sought: list[Reference] = [
        SecretId(plain.id), ByName("n\x00l"), ByName("absent"), SecretId(plain.id),
        SecretId(10**12), ByName('{"}\\'),
    ]  # fmt: skip
    found = together(storage, [find(one) for one in sought])
    assert [one.result(WAIT) for one in found] == [plain, nul, None, plain, None, None]


def test_a_row_that_cannot_be_read_stops_nobody_beside_it(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    well, ill = keep(storage, "well"), keep(storage, "ill")
    postgresql.execute(
        "UPDATE secrets SET updated_at = 'infinity' WHERE name = 'ill'", database=upgraded
    )
    first, second = together(storage, [find(SecretId(one.id)) for one in (ill, well)])
    assert isinstance(first.exception(WAIT), StorageUnavailable)
    assert second.result(WAIT) == well


def test_what_was_foreseen_is_gone_with_its_snapshot(storage: Storage) -> None:
    kept = keep(storage, "before")
    assert storage.read(find(SecretId(kept.id))).result(WAIT) == kept
    changed = storage.write(
        lambda session: session.secrets.replace(replace(kept, name="behind"))
    ).result(WAIT)
    unsaid = storage.read(lambda session: session.secrets.find(SecretId(kept.id)))
    assert unsaid.result(WAIT) == changed
    assert [one.name for one in page(storage)] == ["behind"]


def test_a_connection_that_was_cut_is_made_anew_for_what_is_foreseen(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    kept = keep(storage)
    work = partial(storage.read, find(SecretId(kept.id)))
    assert work().result(WAIT) == kept
    postgresql.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        database=upgraded,
    )
    assert work().result(WAIT) == kept


def test_nothing_is_looked_for_before_somebody_asks(storage: Storage) -> None:
    """Or the time of a refusal would tell an unknown caller what is there."""
    kept = keep(storage)
    looked: list[Any] = []

    def refuses(session: Session) -> None:
        looked.append(session.secrets._found)  # type: ignore[attr-defined]

    storage.read(Foreseen(refuses, [SecretId(kept.id)])).result(WAIT)
    assert looked == [{}]


def test_a_look_that_fails_says_why_and_spoils_no_connection(database: str) -> None:
    options = replace(OPTIONS, busy_timeout=0.2)
    with (
        closing(PostgresqlStore.at(database, options).open()) as it,
        psycopg.connect(database) as stranger,
    ):
        kept = keep(it)
        stranger.execute("LOCK TABLE secrets IN ACCESS EXCLUSIVE MODE")
        alone = it.read(find(SecretId(kept.id)))
        for found in (alone, *together(it, [find(SecretId(kept.id))] * 3)):
            error = found.exception(WAIT)
            assert isinstance(error, StorageUnavailable)
            assert "55P03" in str(error)
        stranger.rollback()
        for found in together(it, [find(SecretId(kept.id))] * 3):
            assert found.result(WAIT) == kept


@pytest.mark.parametrize("left", [b"SELECT 1 / 0", b"SELECT 1"])
def test_a_session_whose_snapshot_was_not_ended_is_not_used_again(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, left: bytes
) -> None:
    """It would fail whoever comes next, or show what is no longer so."""
    kept = keep(storage)
    command = Wire.command

    def ends_nothing(wire: Wire, text: bytes) -> Any:
        of_reader = threading.current_thread().name.startswith("reader")
        return command(wire, left if of_reader and text == b"ROLLBACK" else text)

    work = partial(storage.read, find(SecretId(kept.id)))
    with monkeypatch.context() as patched:
        patched.setattr(Wire, "command", ends_nothing)
        assert work().result(WAIT) == kept
        assert together(storage, [find(SecretId(kept.id))])[0].result(WAIT) == kept
    changed = storage.write(
        lambda session: session.secrets.replace(replace(kept, name="changed"))
    ).result(WAIT)
    for _ in range(3):
        assert work().result(WAIT) == changed


def test_a_reading_that_loses_its_connection_twice_fails_alone(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    kept = keep(storage)

    def cuts(session: Session) -> Secret | None:
        assert session.secrets.find(SecretId(kept.id)) == kept
        connection = session.secrets._connection  # type: ignore[attr-defined]
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        postgresql.execute(f"SELECT pg_terminate_backend({backend}, 30000)", database=upgraded)
        return session.secrets.find(ByName("not foreseen"))

    first, *others = together(storage, [cuts, *[find(SecretId(kept.id))] * 2])
    assert isinstance(first.exception(WAIT), StorageUnavailable)
    assert [one.result(WAIT) for one in others] == [kept] * 2


def test_a_reading_that_looks_for_nothing_is_not_run_again(storage: Storage) -> None:
    kept, times = keep(storage), []

    def fails(session: Session) -> None:
        times.append(session)
        raise StorageUnavailable("for a reason of its own")

    foreseeing = [find(SecretId(kept.id))] * 2
    first, *others = together(storage, [Foreseen(fails, [SecretId(kept.id)]), *foreseeing])
    assert isinstance(first.exception(WAIT), StorageUnavailable)
    assert [one.result(WAIT) for one in others] == [kept] * 2
    assert len(times) == 1


def test_what_the_server_cannot_read_stops_nobody_beside_it(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    well, ill = keep(storage, "well"), keep(storage, "ill")
    columns = ", ".join(
        "CASE WHEN name = 'ill' THEN 1 / (length(name) - 3) ELSE revision END AS revision"
        if column.name == "revision" else column.name
        for column in tables.secrets.columns
    )  # fmt: skip
    postgresql.execute(
        "ALTER TABLE secrets RENAME TO hidden",
        f"CREATE VIEW secrets AS SELECT {columns} FROM hidden",  # noqa: S608  our own columns
        database=upgraded,
    )
    try:
        found = together(storage, [find(SecretId(one.id)) for one in (well, ill, well)])
        assert found[0].result(WAIT) == well
        assert isinstance(found[1].exception(WAIT), StorageUnavailable)
        assert found[2].result(WAIT) == well
    finally:
        postgresql.execute(
            "DROP VIEW secrets", "ALTER TABLE hidden RENAME TO secrets", database=upgraded
        )
