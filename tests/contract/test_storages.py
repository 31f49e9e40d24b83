"""Every store that ships keeps the whole contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.memory import MemoryStorage
from adapters.sql import schema
from adapters.sql.sqlite import SqliteStorage
from adapters.testing.storage import StorageContract
from domain.ports.storage import Storage


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        storage = MemoryStorage()
        yield storage
        storage.close()


class TestSqliteStorage(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> Iterator[Storage]:
        schema.upgrade(tmp_path / "secrets.db")
        storage = SqliteStorage(tmp_path / "secrets.db")
        yield storage
        storage.close()
