"""Every store that ships keeps the whole contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from adapters.memory import MemoryStorage
from adapters.metrics.unmetered import Unmetered
from adapters.sql.postgresql_store import PostgresqlStore
from adapters.sql.sqlite import SqliteStorage
from adapters.sql.sqlite_store import SqliteStore
from adapters.testing.examples import keep
from adapters.testing.storage import StorageContract
from adapters.testing.store import StoreContract
from adapters.testing.store_examination import StoreExaminationContract
from adapters.tracing.commits import Commits
from adapters.tracing.spans import SERVER, Spans
from adapters.tracing.step import CURRENT
from adapters.tracing.storage import TracedStorage
from domain.ports.storage import Session, Storage
from domain.ports.store import Store, StoreOptions
from domain.secrets.listing import Listing
from tests.tables import with_tables


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        storage = MemoryStorage()
        yield storage
        storage.close()


class TestSqliteStorage(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> Iterator[Storage]:
        storage = SqliteStorage(with_tables(tmp_path / "secrets.db"))
        yield storage
        storage.close()


class TestTracedStorage(StorageContract):
    """Every unit of work is told of, and nothing about the store is another for that."""

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(InMemorySpanExporter()))
        commits = Commits(Unmetered())
        storage = TracedStorage(MemoryStorage(), system="memory", commits=commits)
        token = CURRENT.set(Spans(provider.get_tracer("tests")).root("test", {}, kind=SERVER))
        yield storage
        CURRENT.reset(token)
        storage.close()
        provider.shutdown()


class TestPostgresqlStorage(StorageContract):
    @pytest.fixture
    def storage(self, database: str) -> Iterator[Storage]:
        storage = PostgresqlStore.at(database, StoreOptions()).open()
        yield storage
        storage.close()


class TestPostgresqlStore(StoreContract):
    @pytest.fixture
    def store(self, empty_database: str) -> Store:
        return PostgresqlStore.at(empty_database, StoreOptions())


class TestPostgresqlExamination(StoreExaminationContract):
    @pytest.fixture
    def store(self, empty_database: str) -> Store:
        return PostgresqlStore.at(empty_database, StoreOptions())


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return SqliteStore(tmp_path / "secrets.db")


class TestSqliteExamination(StoreExaminationContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return SqliteStore(tmp_path / "secrets.db")


class TestSqliteLook:
    """Nothing is left beside a file that was only looked at."""

    def test_a_look_leaves_no_files(self, tmp_path: Path) -> None:
        store = SqliteStore(tmp_path / "secrets.db")
        store.upgrade()
        store.open().close()
        before = sorted(tmp_path.iterdir())
        look = store.open_to_look()
        look.read(lambda s: s.data_keys.all()).result()
        store.inspect()
        store.examine(full=True)
        assert sorted(tmp_path.iterdir()) == before
        look.close()
        assert sorted(tmp_path.iterdir()) == before

    def test_what_is_read_while_the_file_is_opened_is_read_again(self, tmp_path: Path) -> None:
        store = SqliteStore(tmp_path / "secrets.db")
        store.upgrade()
        look, storage = store.open_to_look(), store.open()
        seen: list[int] = []

        def work(session: Session) -> int:
            if not seen:
                keep(storage)
            seen.append(len(session.catalogue.page(Listing())))
            return seen[-1]

        assert look.read(work).result() == 1
        assert seen == [0, 1]
        look.close()
        storage.close()
