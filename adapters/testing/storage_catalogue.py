"""The contract of lists, filters and the recycle bin."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from adapters.testing.examples import DAY, NOW, keep, page, replaced
from domain.ports.storage import Storage
from domain.secrets.listing import TagFilter
from domain.secrets.reference import SecretId
from domain.secrets.secret import MAX_ID

STOCK: list[tuple[str, str | None, dict[str, str]]] = [
    ("app/db", "Primary DATABASE", {"env": "prod", "tier": "1"}),
    ("app/db-replica", None, {"env": "prod"}),
    ("app/Straße", "50% off_season", {"env": "test"}),
    ("app\U0010ffff", None, {}),
    ("apple", "app/db is elsewhere", {"env": ""}),
    ("ops/\ud7ff", None, {}),
    ("ops/\ue000", None, {}),
]

FILTERS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "nothing": ({}, [0, 1, 2, 3, 4, 5, 6]),
    "skip": ({"skip": 5}, [5, 6]),
    "skip past the end": ({"skip": MAX_ID}, []),
    "limit": ({"limit": 2}, [0, 1]),
    "skip and limit": ({"skip": 1, "limit": 2}, [1, 2]),
    "a folder": ({"prefix": "app/"}, [0, 1, 2]),
    "a prefix": ({"prefix": "app"}, [0, 1, 2, 3, 4]),
    "a prefix in another case": ({"prefix": "APP"}, []),
    "a prefix with a wildcard": ({"prefix": "app%"}, []),
    "a prefix at the end of all characters": ({"prefix": "app\U0010ffff"}, [3]),
    "a prefix before the surrogates": ({"prefix": "ops/\ud7ff"}, [5]),
    "a search in names": ({"query": "replica"}, [1]),
    "a search in descriptions": ({"query": "database"}, [0]),
    "a search in any case": ({"query": "STRASSE"}, [2]),
    "a search for a percent sign": ({"query": "50% off_"}, [2]),
    "a search for an underscore": ({"query": "app_db"}, []),
    "a search in both": ({"query": "app/db"}, [0, 1, 4]),
    "a tag": ({"tags": (TagFilter(key="env"),)}, [0, 1, 2, 4]),
    "a tag with a value": ({"tags": (TagFilter(key="env", value="prod"),)}, [0, 1]),
    "a tag with an empty value": ({"tags": (TagFilter(key="env", value=""),)}, [4]),
    "two tags": (
        {"tags": (TagFilter(key="env", value="prod"), TagFilter(key="tier"))},
        [0],
    ),
    "a tag that nobody has": ({"tags": (TagFilter(key="ENV"),)}, []),
    "all of them": (
        {"prefix": "app/", "query": "db", "tags": (TagFilter(key="env"),), "skip": 1, "limit": 9},
        [1],
    ),
}


class CatalogueContract:
    """Filters mean the same in every store."""

    @pytest.mark.parametrize(("filters", "expected"), FILTERS.values(), ids=FILTERS.keys())
    def test_a_list_holds_what_fits(
        self, storage: Storage, filters: dict[str, Any], expected: list[int]
    ) -> None:
        for name, description, tags in STOCK:
            keep(storage, name, description=description, tags=tags)
        found = page(storage, **filters)
        assert [secret.name for secret in found] == [STOCK[index][0] for index in expected]

    def test_a_cursor_goes_on_behind_an_id(self, storage: Storage) -> None:
        kept = [keep(storage, name) for name in ("1", "2", "3")]
        assert page(storage, after=kept[0].id) == kept[1:]
        assert page(storage, after=MAX_ID) == []

    def test_filters_follow_a_change(self, storage: Storage) -> None:
        secret = keep(storage, "old", tags={"env": "test"})
        replaced(storage, replace(secret, name="new", description="Fresh", tags={"env": "prod"}))
        assert len(page(storage, query="fresh")) == 1
        assert len(page(storage, tags=(TagFilter(key="env", value="prod"),))) == 1
        assert page(storage, query="old") == []
        assert page(storage, tags=(TagFilter(key="env", value="test"),)) == []

    def test_the_bin_is_listed_apart(self, storage: Storage) -> None:
        living, other = keep(storage, "living"), keep(storage, "other")
        gone = replaced(storage, replace(other, deleted_at=NOW))
        assert page(storage) == [living]
        assert page(storage, deleted=True) == [gone]

    def test_what_was_deleted_before_a_moment_is_found(self, storage: Storage) -> None:
        secrets = [keep(storage, name) for name in ("1", "2", "3", "living")]
        for age, secret in enumerate(secrets[:3], 1):
            replaced(storage, replace(secret, deleted_at=NOW - age * DAY))
        due = storage.read(lambda s: s.catalogue.deleted_before(NOW - DAY, limit=9)).result()
        assert list(due) == [SecretId(secret.id) for secret in secrets[1:3]]
        few = storage.read(lambda s: s.catalogue.deleted_before(NOW, limit=1)).result()
        assert list(few) == [SecretId(secrets[0].id)]

    def test_a_reading_is_noted_and_never_backwards(self, storage: Storage) -> None:
        secret = keep(storage)
        for moment in (NOW, NOW + DAY, NOW - DAY):
            read(storage, secret.id, moment)
        assert page(storage) == [replace(secret, last_read_at=NOW + DAY)]

    def test_a_reading_of_what_is_gone_is_passed_over(self, storage: Storage) -> None:
        secret = keep(storage)
        read(storage, secret.id + 1, NOW)
        assert page(storage) == [secret]

    def test_a_change_does_not_forget_a_reading(self, storage: Storage) -> None:
        secret = keep(storage)
        read(storage, secret.id, NOW)
        replaced(storage, replace(secret, description="d"))
        assert page(storage)[0].last_read_at == NOW


def read(storage: Storage, secret_id: int, moment: datetime) -> None:
    """Note a reading, durably."""
    storage.write(lambda session: session.catalogue.note_read(secret_id, moment)).result()
