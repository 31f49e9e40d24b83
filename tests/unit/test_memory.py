"""The store in memory hands out its changes, and begins with those that were kept."""

from collections.abc import Sequence

import pytest

from adapters.memory import Change, MemoryStorage, row_types
from adapters.testing.examples import add, keep, page
from domain.errors import NotFound, StorageUnavailable
from domain.ports.storage import Session


def kept_by(changes: list[Change]) -> MemoryStorage:
    """Return a store whose changes are collected."""
    return MemoryStorage(keep=changes.extend)


def test_a_store_begins_with_what_another_kept() -> None:
    changes: list[Change] = []
    first = kept_by(changes)
    kept, gone = keep(first, "kept"), keep(first, "gone")
    first.write(lambda session: session.secrets.remove(gone)).result()
    second = MemoryStorage(kept=changes)
    assert page(second) == [kept]
    assert keep(second, "next").id > gone.id


def test_only_work_that_succeeded_is_kept() -> None:
    changes: list[Change] = []
    storage = kept_by(changes)

    def fails(session: Session) -> None:
        add(session, "undone")
        raise NotFound

    storage.write(fails)
    storage.read(lambda session: session.data_keys.all())
    storage.write(lambda _: None)
    assert changes == []
    storage.write(lambda session: session.probe.touch())
    assert [change.table for change in changes] == ["probe"]


def test_what_cannot_be_kept_is_undone() -> None:
    def full(_: Sequence[Change]) -> None:
        raise StorageUnavailable("the disk is full")

    storage = MemoryStorage(keep=full)
    with pytest.raises(StorageUnavailable):
        keep(storage, "lost")
    assert page(storage) == []


def test_every_table_tells_its_types() -> None:
    assert set(row_types()) >= {"secrets", "versions", "data_keys", "audit"}
    assert all(len(types) == 2 for types in row_types().values())
