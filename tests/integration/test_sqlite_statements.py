"""Statements that go to SQLite's driver as they are do what Core would."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import IntegrityError

from adapters.sql import outbox_tables
from adapters.sql.activity_ledger import _ADD
from adapters.sql.activity_table import secret_activity
from adapters.sql.audit_growth import _INSERT
from adapters.sql.audit_rows import to_row
from adapters.sql.audit_tables import audit_entries
from adapters.sql.sqlite import open_engine
from adapters.sql.sqlite_prepared import TOGETHER
from adapters.sql.statements import Statement
from adapters.testing.examples import event
from domain.audit.event import AuditEntry
from tests.tables import with_tables

AWKWARD = ['"', "?", "), (?", "", " ", "'", "\n", "🗝", None]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with_tables(tmp_path / "secrets.db")
    engine = open_engine(tmp_path / "secrets.db")
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def entries(count: int) -> list[dict[str, Any]]:
    reasons = (AWKWARD[number % len(AWKWARD)] for number in range(count))
    return [
        to_row(AuditEntry(number=number, event=event(reason=reason)), bytes(32))
        for number, reason in enumerate(reasons, 1)
    ]


@pytest.mark.parametrize("count", [1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 3 * TOGETHER + 2])
def test_many_rows_stand_as_each_alone_would(connection: Connection, count: int) -> None:
    rows = entries(count)
    _INSERT.on(connection).run_each(rows)
    columns = (audit_entries.c[name] for name in rows[0])
    found = connection.execute(select(*columns).order_by(audit_entries.c.id)).mappings()
    assert [dict(row) for row in found] == rows


@pytest.mark.parametrize("count", [2, TOGETHER, 2 * TOGETHER + 1])
def test_a_broken_constraint_is_told_without_what_was_given(
    connection: Connection, count: int
) -> None:
    rows = [to_row(AuditEntry(number=1, event=event(reason="hidden")), bytes(32))] * count
    with pytest.raises(IntegrityError) as raised:
        _INSERT.on(connection).run_each(rows)
    assert "hidden" not in str(raised.value)


def test_what_is_said_of_conflicts_stays(connection: Connection) -> None:
    add = _ADD.on(connection)
    row = {
        "day": date(2026, 11, 24), "principal": "p", "reads": 1, "changes": 0, "denials": 2,
        "last_at": NOW,
    }  # fmt: skip
    rows = [row | {"secret_uid": number.to_bytes(16, "big")} for number in range(3 * TOGETHER)]
    add.run_each(rows[: 2 * TOGETHER])
    add.run_each(rows)
    add.run_each([*rows[:TOGETHER], *rows[:TOGETHER]])
    kept = secret_activity.c
    counts = select(kept.reads, kept.denials, func.count()).group_by(kept.reads, kept.denials)
    assert connection.execute(counts.order_by(kept.reads)).all() == [
        (1, 2, TOGETHER), (2, 4, TOGETHER), (4, 8, TOGETHER),
    ]  # fmt: skip
    assert connection.execute(select(kept.last_at).distinct()).scalars().all() == [NOW]


@pytest.mark.parametrize("count", [1, TOGETHER, 2 * TOGETHER + 1])
def test_what_is_given_for_conflicts_is_given_for_each_row(
    connection: Connection, count: int
) -> None:
    keep = Statement(
        text(
            "INSERT INTO told_secrets (secret_uid, name, version) VALUES (:uid, :name, :version)"
            " ON CONFLICT (secret_uid) DO UPDATE SET name = :other"
        )
    ).on(connection)
    rows = [
        {"uid": bytes([number]) * 16, "name": "n", "version": number, "other": f"o{number}"}
        for number in range(1, count + 1)
    ]
    keep.run_each(rows)
    keep.run_each(rows)
    told = outbox_tables.told_secrets.c
    found = connection.execute(select(told.name, told.version).order_by(told.version)).all()
    assert found == [(f"o{number}", number) for number in range(1, count + 1)]
