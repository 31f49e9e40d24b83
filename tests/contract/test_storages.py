"""Every store that ships keeps the whole contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.memory import MemoryStorage
from adapters.sql import schema
from adapters.sql.sqlite import SqliteStorage
from adapters.sql.sqlite_store import SqliteStore
from adapters.testing.storage import StorageContract
from adapters.testing.store import StoreContract
from domain.ports.storage import Storage
from domain.ports.store import Store


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


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return SqliteStore(tmp_path / "secrets.db")
