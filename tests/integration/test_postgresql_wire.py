"""Statements that are handed straight to PostgreSQL's driver."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, LargeBinary, bindparam, cast, literal, select
from sqlalchemy.exc import IntegrityError

from adapters.sql import postgresql_readers
from adapters.sql.audit_growth import _INSERT
from adapters.sql.audit_rows import to_row
from adapters.sql.audit_tables import audit_entries
from adapters.sql.group_reading import GroupReader
from adapters.sql.postgresql_address import Address
from adapters.sql.postgresql_engine import open_engine
from adapters.sql.postgresql_prepared import Plan
from adapters.sql.postgresql_store import PostgresqlStore
from adapters.sql.prepared import PLANS
from adapters.sql.statements import Statement
from adapters.sql.types import UtcDateTime
from adapters.testing.examples import event, keep, page, recorded
from domain.audit.event import AuditEntry
from domain.errors import StorageUnavailable
from domain.ports.storage import Storage
from domain.ports.store import StoreOptions
from domain.secrets.listing import Listing
from domain.secrets.reference import SecretId
from tests.postgresql import Server

OPTIONS = StoreOptions(pool_size=1)

WAIT = 60.0
"""A bound that only a defect reaches, in seconds."""

AWKWARD = ['"', "\\", "{}", "a,b", "NULL", "", " ", "\\x00", "\x00", "\ufdd0", "'", "\n", "🗝", None]
"""Texts that could be taken for something else within an array."""

VALUES: list[tuple[Any, Any]] = [
    ("", None),
    ("a\x00\ufdd0", None),
    (0, None),
    (-(2**63), None),
    (2**63 - 1, None),
    (True, None),
    (False, None),
    (b"", None),
    (b"\\x00\x00\xff", LargeBinary()),
    (date(1, 1, 1), None),
    (date(2026, 11, 24), None),
    (datetime(1, 1, 1, tzinfo=UTC), UtcDateTime()),
    (datetime(9999, 12, 31, 23, 59, 59, 999999, UTC), UtcDateTime()),
    (datetime(2026, 11, 24, 12, tzinfo=timezone(timedelta(hours=14))), UtcDateTime()),
]


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """A connection whose statements go straight to the driver."""
    with open_engine(Address.parse(database), OPTIONS).connect() as opened:
        opened.info[PLANS] = Plan
        yield opened


@pytest.fixture
def storage(database: str) -> Iterator[Storage]:
    opened = PostgresqlStore.at(database, OPTIONS).open()
    yield opened
    opened.close()


@pytest.mark.parametrize(("value", "kind"), VALUES, ids=lambda value: ascii(value)[:40])
def test_every_value_comes_back_as_it_was(connection: Connection, value: Any, kind: Any) -> None:
    of = kind or literal(value).type
    statement = Statement(select(cast(bindparam("given", type_=of), of))).on(connection)
    assert statement.one({"given": value}) == [value]
    assert statement.one({"given": None}) == [None]


def test_a_moment_without_a_zone_is_not_stored(connection: Connection) -> None:
    statement = Statement(select(bindparam("given", type_=UtcDateTime()))).on(connection)
    with pytest.raises(ValueError, match="without a zone"):
        statement.one({"given": datetime(2026, 11, 24)})  # noqa: DTZ001  that is the point


def test_a_value_of_no_known_type_is_refused(connection: Connection) -> None:
    with pytest.raises(TypeError, match="complex"):
        Statement(select(bindparam("given"))).on(connection).one({"given": 1j})


def test_many_rows_stand_as_each_alone_would(connection: Connection) -> None:
    events = [event(reason=text) for text in AWKWARD]
    entries = [AuditEntry(number=number, event=one) for number, one in enumerate(events, 1)]
    rows = [to_row(entry, bytes(32)) for entry in entries]
    insertion = _INSERT.on(connection)
    insertion.run_each(rows)
    columns = (audit_entries.c[name] for name in rows[0])
    found = connection.execute(select(*columns).order_by(audit_entries.c.id)).mappings()
    assert [dict(row) for row in found] == rows


def test_a_broken_constraint_is_told_without_what_was_given(connection: Connection) -> None:
    row = to_row(AuditEntry(number=1, event=event(reason="hidden")), bytes(32))
    with pytest.raises(IntegrityError) as raised:
        _INSERT.on(connection).run_each([row, row])
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE secrets SET updated_at = 'infinity'",
        "ALTER TABLE secrets ALTER COLUMN version TYPE numeric",
    ],
)
def test_what_somebody_else_made_unreadable_is_unavailable(
    postgresql: Server, empty_database: str, damage: str
) -> None:
    store = PostgresqlStore.at(empty_database, OPTIONS)
    store.upgrade()
    opened = store.open()
    kept = keep(opened)
    postgresql.execute(damage, database=empty_database.rpartition("/")[2])
    reading = opened.read(lambda session: session.secrets.find(SecretId(kept.id)))
    assert isinstance(reading.exception(WAIT), StorageUnavailable)
    opened.close()


def test_nothing_is_prepared_where_a_pool_forbids_it(database: str) -> None:
    opened = PostgresqlStore.at(database, replace(OPTIONS, prepares=False)).open()
    kept = keep(opened)
    recorded(opened, event())

    def count(session: Any) -> int:
        found: Any = session.secrets._connection.exec_driver_sql(
            "SELECT count(*) FROM pg_prepared_statements"
        ).scalar_one()
        return int(found)

    found = opened.read(lambda session: session.secrets.find(SecretId(kept.id))).result(WAIT)
    assert (found, opened.read(count).result(WAIT)) == (kept, 0)
    opened.close()


def test_a_connection_that_was_cut_while_nobody_used_it_is_not_used(
    storage: Storage, postgresql: Server, upgraded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_readers, "IDLE_SECONDS", 0.0)
    keep(storage)
    first = storage.read(_backend).result(WAIT)
    assert storage.read(_backend).result(WAIT) == first
    postgresql.execute(f"SELECT pg_terminate_backend({first}, 30000)", database=upgraded)
    assert storage.read(_backend).result(WAIT) != first


def test_who_reads_next_is_served_when_a_connection_was_lost_behind_the_last_reading(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    def cut(session: Any) -> int:
        ours = _backend(session)
        # Waits until the process is gone, so that what ends the snapshot meets nobody.
        postgresql.execute(f"SELECT pg_terminate_backend({ours}, 30000)", database=upgraded)
        return ours

    lost = [storage.read(cut).result(WAIT) for _ in range(3)]
    assert storage.read(_backend).result(WAIT) not in lost


def test_a_snapshot_that_does_not_end_well_does_not_stop_the_readings() -> None:
    @contextmanager
    def opened(_: object) -> Iterator[Any]:
        yield SimpleNamespace(
            session=None, is_refused=False, is_sound=True, has_looked_in_vain=False
        )
        raise StorageUnavailable("at the end")

    reader = GroupReader(opened, threads=1, lost=lambda: None)
    assert [reader.submit(lambda _: "read").result(WAIT) for _ in range(2)] == ["read"] * 2
    reader.close()


def test_a_connection_that_is_old_is_replaced(database: str) -> None:
    opened = PostgresqlStore.at(database, replace(OPTIONS, pool_recycle=1e-9)).open()
    assert opened.read(_backend).result(WAIT) != opened.read(_backend).result(WAIT)
    assert opened.figures().open_connections == 1
    opened.close()


def test_a_connection_that_is_cut_in_the_middle_of_a_reading_is_replaced(
    storage: Storage, postgresql: Server, upgraded: str
) -> None:
    kept = keep(storage)
    cut: list[int] = []

    def reads(session: Any) -> Any:
        found = session.secrets.find(SecretId(kept.id))
        if not cut:
            cut.append(_backend(session))
            postgresql.execute(f"SELECT pg_terminate_backend({cut[0]}, 30000)", database=upgraded)
        assert session.catalogue.summaries(Listing())
        return found

    assert storage.read(reads).result(WAIT) == kept
    assert storage.read(_backend).result(WAIT) != cut[0]
    assert page(storage) == [kept]


def _backend(session: Any) -> int:
    """Return which process of the server serves the reading."""
    found: Any = session.secrets._connection.exec_driver_sql("SELECT pg_backend_pid()")
    return int(found.scalar_one())
