"""The end of the audit log within one transaction, when works of it are undone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from structlog.testing import capture_logs

from adapters.sql.audit_growth import Growth
from adapters.sql.committed_tip import CommittedTip
from adapters.testing.examples import event
from domain.audit.merkle import EMPTY_ROOT, TreeState
from domain.audit.tip import TipTag
from domain.errors import StorageUnavailable
from tests.tables import with_tables

TAG = TipTag(key_id="1" * 16, mac=bytes(32))


def tree(size: int) -> TreeState:
    """Return some tree of this size."""
    return TreeState().grown([EMPTY_ROOT] * size)[0]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{with_tables(tmp_path / 'secrets.db')}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_a_tip_that_was_restored_and_undone_is_not_believed(connection: Connection) -> None:
    connection.execute(text("DELETE FROM audit_tree"))
    growth = Growth(connection, grouped=True, committed=CommittedTip())
    growth.begin()
    assert not growth.lock()
    mark = growth.mark()
    with connection.begin_nested() as savepoint:
        growth.restore(TreeState(), TAG)
        growth.require_lockable()
        savepoint.rollback()
    growth.undo(mark)
    with pytest.raises(StorageUnavailable):
        growth.require_lockable()
    growth.add(event())
    with pytest.raises(StorageUnavailable):
        growth.write()


def test_of_two_that_were_restored_the_undone_one_is_not_remembered(
    connection: Connection,
) -> None:
    known = CommittedTip()
    growth = Growth(connection, grouped=True, committed=known)
    growth.begin()
    assert growth.lock()
    growth.restore(TreeState(), TAG)
    mark = growth.mark()
    with connection.begin_nested() as savepoint:
        growth.restore(tree(5), TAG)
        savepoint.rollback()
    growth.undo(mark)
    growth.committed()
    known.require_no_older(tree(2))


def test_a_tip_that_is_gone_when_it_is_written_is_no_success(connection: Connection) -> None:
    growth = Growth(connection, grouped=True)
    growth.begin()
    assert growth.lock()
    connection.execute(text("DELETE FROM audit_tree"))
    growth.add(event())
    with pytest.raises(StorageUnavailable):
        growth.write()


def test_that_the_log_was_put_back_is_told_once_each_time() -> None:
    known = CommittedTip()
    with capture_logs() as logs:
        for _ in range(2):
            known.remember(tree(5))
            for _ in range(3):
                with pytest.raises(StorageUnavailable):
                    known.require_no_older(tree(2))
    assert [(line["log_level"], line["committed"], line["found"]) for line in logs] == [
        ("error", 5, 2),
        ("error", 5, 2),
    ]
    assert "strongroom audit verify" in logs[0]["event"]


def test_once_the_log_was_shorter_it_counts_for_nothing_until_it_is_as_it_was_left() -> None:
    known = CommittedTip()
    known.require_no_older(tree(2))
    known.remember(tree(5))
    known.require_no_older(tree(9))
    for size in (2, 9):
        with pytest.raises(StorageUnavailable, match="put back"):
            known.require_no_older(tree(size))
    known.require_no_older(tree(5))
    known.require_no_older(tree(9))
    known.remember(tree(2))
    known.require_no_older(tree(3))
