"""PostgreSQL and memory do the same, whatever is asked of them, in whatever order."""

from typing import ClassVar

import pytest
from hypothesis import settings

from adapters.sql.postgresql_store import PostgresqlStore
from domain.ports.storage import Storage
from domain.ports.store import StoreOptions
from tests.contract.test_twins import CAMPAIGN, Twins
from tests.postgresql import Server, emptied

OPTIONS = StoreOptions(pool_size=1)


class PostgresqlTwins(Twins):
    """Two houses, one around PostgreSQL."""

    server: ClassVar[Server]
    name: ClassVar[str]

    def storage(self) -> Storage:
        return PostgresqlStore.at(emptied(self.server, self.name), OPTIONS).open()


@pytest.fixture(autouse=True)
def _database(postgresql: Server, upgraded: str) -> None:
    PostgresqlTwins.server, PostgresqlTwins.name = postgresql, upgraded


TestPostgresqlTwins = PostgresqlTwins.TestCase
TestPostgresqlTwins.settings = settings(
    max_examples=int(CAMPAIGN or 8),
    stateful_step_count=40,
    deadline=None,
    derandomize=CAMPAIGN is None,
)
